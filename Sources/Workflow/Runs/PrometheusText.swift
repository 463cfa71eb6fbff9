/// A run as metrics in Prometheus' text format, for the textfile collector of its node exporter.
enum PrometheusText {
  static func text(_ results: RunResults, finishedAt: Int64) -> String {
    let run = "pipeline=\(quoted(results.pipeline)),command=\(quoted(results.command))"
    var lines: [String] = []
    func metric(_ name: String, _ help: String, _ samples: [(labels: String, value: String)]) {
      if samples.isEmpty { return }
      lines.append("# HELP holdfast_\(name) \(help)")
      lines.append("# TYPE holdfast_\(name) gauge")
      for sample in samples {
        lines.append("holdfast_\(name){\(run)\(sample.labels.isEmpty ? "" : "," + sample.labels)} \(sample.value)")
      }
    }
    metric("run_success", "1 where the last run ended well.", [("", results.state == .succeeded ? "1" : "0")])
    metric("run_published", "1 where the last run published results.", [("", results.published ? "1" : "0")])
    metric("run_exit_code", "How the last run's process ended.", [("", "\(results.exitCode ?? 0)")])
    metric("run_seconds", "Wall time of the last run.", [("", "\(results.seconds ?? 0)")])
    metric("run_finished_timestamp_seconds", "When the last run ended, in seconds since 1970.", [("", "\(finishedAt)")])
    metric("stage_seconds", "Wall time by stage.", results.stages.map { ("stage=\(quoted($0.stage))", "\($0.seconds)") })
    metric(
      "stage_rows", "Rows read by extract, customers of the later stages.",
      results.stages.map { ("stage=\(quoted($0.stage))", "\($0.rows)") })
    metric("dumps", "Dumps by outcome.", outcomes(results).map { ("outcome=\(quoted($0))", "\($1)") })
    metric("rows", "Rows of the dumps that were read in this run, by what became of them.", rows(results))
    metric(
      "check_passed", "1 where a check of the last run passed.",
      (results.checks ?? []).map { ("check=\(quoted($0.name)),severity=\(quoted($0.severity))", $0.passed ? "1" : "0") })
    metric("customers", "Customers in the results.", results.customers.map { [("", "\($0)")] } ?? [])
    return lines.joined(separator: "\n") + "\n"
  }

  private static func outcomes(_ results: RunResults) -> [(String, Int)] {
    Dictionary(grouping: results.dumps, by: \.outcome).map { ($0, $1.count) }.sorted { $0.0 < $1.0 }
  }

  private static func rows(_ results: RunResults) -> [(String, String)] {
    let read = results.dumps.filter { $0.outcome == "loaded" || $0.outcome == "replaced" || $0.outcome == "refused" }
    if read.isEmpty { return [] }
    func sum(_ part: (RunResults.Dump) -> Int64?) -> String { "\(read.reduce(0) { $0 &+ (part($1) ?? 0) })" }
    return [
      ("state=\"read\"", sum(\.rowsRead)), ("state=\"loaded\"", sum(\.rowsLoaded)), ("state=\"rejected\"", sum(\.rowsRejected)),
      ("state=\"filtered\"", sum(\.rowsFiltered)),
    ]
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }
}
