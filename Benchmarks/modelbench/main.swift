import Buffers
import Foundation
import Models

// modelbench FOLDER [THREADS] [ROUNDS] [MODEL]: fits a model of purchases (bg_nbd) and Gamma-Gamma to the columns x, tx, t (Int32) and z
// (Double, little-endian) of the folder, scores every customer, prints a line of JSON, and writes the scores as columns beside them.
let arguments = CommandLine.arguments
guard arguments.count > 1 else {
  FileHandle.standardError.write(Data("usage: modelbench FOLDER [THREADS] [ROUNDS] [MODEL]\n".utf8))
  exit(64)
}
let folder = arguments[1]
let threads = arguments.count > 2 ? Int(arguments[2]) ?? 2 : 2
let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 5 : 5
guard let model = PurchaseModelName(rawValue: arguments.count > 4 ? arguments[4] : "bg_nbd") else {
  FileHandle.standardError.write(Data("no model \(arguments[4])\n".utf8))
  exit(64)
}

func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))) }

func column<T: BitwiseCopyable>(_ name: String, _ type: T.Type) throws -> [T] {
  let raw = try bytes(name)
  // Safety: the bytes of an array that lives to the end of the call.
  return unsafe values(raw.span.bytes, count: raw.count / MemoryLayout<T>.stride, as: type) ?? []
}

/// The least of the rounds, in milliseconds, under each name: of the wall, and of all threads' processor time.
var times: [String: Double] = [:], processorTimes: [String: Double] = [:]
@MainActor func timed<T>(_ name: String, _ work: () throws -> T) rethrows -> T {
  let start = ContinuousClock.now, processorStart = clock()
  let result = try work()
  let wall = (ContinuousClock.now - start).components, ticks = Double(clock() - processorStart)
  times[name] = min(times[name] ?? .infinity, Double(wall.seconds) * 1e3 + Double(wall.attoseconds) / 1e15)
  processorTimes[name] = min(processorTimes[name] ?? .infinity, ticks * 1e3 / Double(CLOCKS_PER_SEC))
  return result
}

let x = try column("x", Int32.self), tx = try column("tx", Int32.self), t = try column("t", Int32.self), z = try column("z", Double.self)
for round in 1...max(1, rounds) {
  let (purchases, money, scores, worth) = try timed("all") {
    let counts = timed("compress") { PurchaseCounts(frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, threads: threads) }
    let purchases = try timed("fit_purchases") { try fitPurchases(counts, model: model, threads: threads) }
    let money = try timed("fit_gamma_gamma") { try fitValues(frequency: x, meanValues: z, isPresent: nil, threads: threads) }
    let scores = timed("score") {
      scorePurchases(
        purchases.model, frequency: x, recencyDays: tx, tenureDays: t, isPresent: nil, horizons: PurchaseHorizons(), threads: threads)
    }
    let worth = timed("expected_values") { expectedValues(money.model, frequency: x, meanValues: z, isPresent: nil, threads: threads) }
    return (purchases, money, scores, worth)
  }
  if round < rounds { continue }
  guard purchases.model.name == model else {
    print("{\"error\": \"\(purchases.warnings)\"}")
    exit(1)
  }
  let named = [
    ("p_alive", scores.pAlive), ("expected", scores.expectedPurchases), ("risk", scores.churnRisk), ("discounted", scores.discounted),
    ("infinite", scores.discountedInfinite), ("next", scores.expectedNext), ("value", worth),
  ]
  for (name, values) in named { try Data(rawBytes(values)).write(to: URL(fileURLWithPath: "\(folder)/own_\(name)")) }
  let parameters = Dictionary(uniqueKeysWithValues: zip(model.parameterNames, purchases.model.parameters))
  let errors = Dictionary(uniqueKeysWithValues: zip(model.parameterNames.map { "se_" + $0 }, purchases.standardErrors))
  let report = [
    "log_likelihood": purchases.logLikelihood,
    "gradient": purchases.gradientNorm, "iterations": Double(purchases.iterations), "histories": Double(purchases.histories),
    "p": money.model.p, "q": money.model.q, "v": money.model.v, "value_log_likelihood": money.logLikelihood,
    "value_gradient": money.gradientNorm, "value_iterations": Double(money.iterations), "correlation": money.correlation,
  ].merging(parameters) { $1 }.merging(errors) { $1 }.merging(times.map { ("ms_" + $0.key, $0.value) }) { $1 }
    .merging(processorTimes.map { ("cpu_ms_" + $0.key, $0.value) }) { $1 }
  print("{" + report.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}")
}
