import Columns
import Dumps
import Events
import Features
import Metrics
import Scores
import Foundation

let arguments = CommandLine.arguments
nonisolated(unsafe) var t0 = Date()
func lap(_ s: String) { let t = Date(); unsafe print("[\(s) \(String(format: "%.2f", t.timeIntervalSince(t0)))]"); unsafe t0 = t }
do {
  let store = try EventStore.open(directory: arguments[1], parameters: StoreParameters())
  lap("open")
  let mapping = TransactionMapping()
  let report = try store.extract(
    paths: Array(arguments.dropFirst(2)),
    options: ExtractOptions(mapping: mapping, limits: RejectLimits(rowsMax: 1_000_000, shareMax: 0.01), threads: 2, runID: "r\(ProcessInfo.processInfo.processIdentifier)"), progress: nil)
  for o in report.outcomes { if let e = o.error { print(e) }; print(o.kind, o.load?.rowsRead ?? 0, o.load?.rowsRejected ?? 0) }
  lap("extract")
  let features = try transform(store, options: TransformOptions(asOf: Day("2025-01-01")!, threads: 2, churnHorizonDays: 90))
  lap("transform")
  let scores = try score(features)
  lap("score")
  try store.waitUntilCommitted()
  lap("commit")
  print(features.customers.rowCount, features.loads.map(\.rowsDuplicate).reduce(0, +), features.conflicts.count)
  for s in scores.segments { print(s.segment, s.customers, s.netMinor) }
  for m in churnMetrics(features).suffix(3) { print(Day.monthName(m.month), m) }
  if case .int64(let net)? = features.customers["net_minor"]?.values { print(net.reduce(0, +)) }
  if case .int32(let f)? = features.customers["frequency"]?.values { print(f.reduce(0) { $0 + Int($1) }) }
  if case .int64(let f)? = features.customers["spend_90d_minor"]?.values { print(f.reduce(0, +)) }
} catch { print(error) }
