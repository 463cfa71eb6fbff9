import Columns
import Populations

/// Writes synthetic dumps into `directory`. Prints what they hold, so what a pipeline must find.
package func generateDumps(_ options: PopulationOptions, into directory: String, isJSON: Bool) -> Int32 {
  Verb.exitCode { () throws(PipelineError) in
    let population = try generate(options, into: directory)
    let total = population.total
    if isJSON {
      var facts = [
        "customers": population.customers, "dumps": population.dumps.count, "rows": total.rows, "purchases": total.purchases,
        "refunds": total.refunds, "duplicates": total.duplicates, "malformed": total.malformed, "net_minor": total.netMinor,
      ]
      facts["alive_at_end"] = population.aliveAtEnd
      return try Streams.output(JSONText.encode(facts))
    }
    var counts: [(Int, String)] = [
      (total.rows, "rows"), (population.customers, "customers"), (total.purchases, "purchases"), (total.refunds, "refunds"),
      (total.duplicates, "repeated rows"), (total.malformed, "malformed rows"),
    ]
    if let alive = population.aliveAtEnd { counts.insert((alive, "of them alive at the end"), at: 2) }
    let facts = counts.map { "\(PageText.grouped(Int64($0.0))) \($0.1)" }.joined(separator: ", ")
    try Streams.output("\(population.dumps.count) dumps in \(directory): \(facts)\n")
  }
}
