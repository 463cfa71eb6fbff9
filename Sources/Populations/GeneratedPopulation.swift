/// What was generated, and so what a pipeline must find.
package struct GeneratedPopulation: Sendable, Hashable {
  package var directory: String
  /// By name, in the order of time.
  package var dumps: [(name: String, truth: DumpTruth)] {
    zip(names, truths).map { ($0, $1) }
  }
  package var customers: Int
  /// Customers of a model who have not left; nil: not drawn from a model.
  package var aliveAtEnd: Int?
  package var total: DumpTruth { truths.reduce(into: DumpTruth()) { $0 += $1 } }
  /// Purchases and refunds, each counted once.
  package var transactions: Int { total.purchases + total.refunds }
  var names: [String]
  var truths: [DumpTruth]
}

extension GeneratedPopulation {
  /// The content of `truth.json`; sizes of compressed files stay out, since they change with the version of zlib.
  func json(_ feed: TransactionFeed) -> String {
    let plan = feed.plan
    let model = plan.model.flatMap { model in feed.buyers.map { "\n  \"model\": \(model.json(plan, $0))," } } ?? ""
    let files = dumps.map { name, truth in "    {\"name\": \"\(name)\", \(Self.fields(truth, separator: ", "))}" }
    return """
      {
        "format": 1,
        "parameters": {
          "rows": \(plan.rows), "customers": \(plan.customers), "files": \(plan.files), "seed": \(plan.seed),
          "start": "\(plan.start)", "months": \(plan.months)
        },\(model)
        "customers": \(customers),
        "transactions": \(transactions),
        \(Self.fields(total, separator: ",\n  ")),
        "files": [
      \(files.joined(separator: ",\n"))
        ]
      }

      """
  }

  private static func fields(_ truth: DumpTruth, separator: String) -> String {
    let pairs: [(String, Int)] = [
      ("rows", truth.rows), ("purchases", truth.purchases), ("refunds", truth.refunds), ("duplicates", truth.duplicates),
      ("malformed", truth.malformed), ("net_minor", truth.netMinor), ("text_bytes", Int(truth.textBytes)),
    ]
    return pairs.map { "\"\($0)\": \($1)" }.joined(separator: separator)
  }
}
