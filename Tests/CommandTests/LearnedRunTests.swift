import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The columns of the learned churn model, from dumps to the database.
@Suite(.timeLimit(.minutes(15))) struct `The learned churn risk` {
  private func sql(_ night: Night, _ query: String, _ place: String = "a") throws -> String {
    let result = try Holdfast.shell("sqlite3 '\(place)/out.sqlite' \"\(query)\"", in: night.folder)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  private func write(_ night: Night, _ columns: String, fit: String = "nightly", learned: String = "logistic") throws {
    let yaml = """
      name: cd
      as_of: 1997-12-31
      feeds: {transactions: {dumps: ['\(root)/fixtures/cdnow/*.csv.gz'], settle: 0, columns: {discount: null, cost: null, category: null,
        channel: null, kind: null}}}
      value: {margin: 1, fit: \(fit), learned: \(learned)}
      publish: {columns: [\(columns)]}

      """
    try night.write("cd.yaml", yaml)
  }

  @Test func `is published where publish.columns names it, with reasons, coefficients and an explanation, and is the same stage by stage`()
    throws
  {
    let night = try Night(rows: 100)
    try write(night, "customer_id, churn_risk_learned, churn_reason_1, churn_reason_2, churn_reason_3")
    let run = try night.run("run", "a", pipeline: "cd.yaml")
    #expect(run.output.contains("\nLeaving     logistic regression on ") && run.output.contains("inputs of the risk horizon before"))
    #expect(
      try sql(night, "SELECT count(*), min(churn_risk_learned) >= 0, max(churn_risk_learned) <= 1, count(churn_reason_3) FROM customers")
        == "23570|1|1|23570\n")
    #expect(
      try sql(night, "SELECT count(*) FROM customers WHERE churn_reason_1 NOT LIKE 'raises: %' AND churn_reason_1 NOT LIKE 'lowers: %'")
        == "0\n")
    #expect(
      try sql(
        night,
        "SELECT customers, parameters ->> 'days_since_last_se' > 0, parameters ->> 'intercept_se' > 0 FROM models WHERE model = 'churn_logistic'"
      )
        == "23570|1|1\n")
    #expect(
      try sql(night, "SELECT unit FROM data_dictionary WHERE table_name = 'customers' AND column_name = 'churn_risk_learned'")
        == "probability 0…1\n")
    let page = try Holdfast.finish(night.process("explain", "a", ["00004"], pipeline: "cd.yaml"))
    #expect(page.status == 0 && page.output.contains("churn_risk_learned") && page.output.contains("1997-10-02"), "\(page.errors)")
    try night.run("extract", "b", pipeline: "cd.yaml")
    for stage in ["transform", "score", "publish"] { try night.run(stage, "b", pipeline: "cd.yaml") }
    let all = "SELECT * FROM customers"
    #expect(try sql(night, all, "b") == sql(night, all))
  }

  @Test func `is neither learned nor published where nobody asks for it, and a fit that is kept serves again`() throws {
    let night = try Night(rows: 100)
    try write(night, "customer_id, churn_risk")
    try night.run("run", "a", pipeline: "cd.yaml")
    #expect(try sql(night, "SELECT count(*) FROM models WHERE model = 'churn_logistic'") == "0\n")
    #expect(try sql(night, "SELECT count(*) FROM pragma_table_info('customers')") == "2\n")
    try write(night, "customer_id, churn_risk_learned")
    try night.run("run", "a", pipeline: "cd.yaml")
    let risks = "SELECT sum(churn_risk_learned) FROM customers"
    let first = try sql(night, risks)
    try write(night, "customer_id, churn_risk_learned", fit: "never")
    try night.run("run", "a", pipeline: "cd.yaml")
    #expect(try sql(night, risks) == first)
    #expect(night.files("a/state/models").count == 2)
  }

  #if XGBoost
    @Test func `by trees is kept with its trees, serves again, and is refused where these are damaged or gone`() throws {
      let night = try Night(rows: 100), columns = "customer_id, churn_risk_learned, churn_reason_1"
      try write(night, columns, learned: "auto")
      let run = try night.run("run", "a", pipeline: "cd.yaml")
      #expect(run.errors.contains(" is used: it loses less on customers that it has not seen: log loss 0."))
      let rows =
        "SELECT group_concat(status || ' ' || (trial ->> 'auc' BETWEEN 0.7 AND 0.9)) FROM models WHERE model LIKE 'churn_%' ORDER BY status"
      #expect(["loser 1,winner 1\n", "winner 1,loser 1\n"].contains(try sql(night, rows)))
      try write(night, columns, learned: "trees")
      let trees = try night.run("run", "a", pipeline: "cd.yaml")
      #expect(trees.output.contains("Leaving     boosted trees, "))
      #expect(try sql(night, "SELECT model FROM models WHERE model LIKE 'churn_%'") == "churn_trees\n")
      let customers = "SELECT * FROM customers", first = try sql(night, customers)
      let file = try #require(night.files("a/state/models").filter { $0.hasSuffix(".trees") }.last)
      try write(night, columns, fit: "never", learned: "trees")
      try night.run("run", "a", ["--threads", "1"], pipeline: "cd.yaml")
      #expect(try sql(night, customers) == first)
      let page = try Holdfast.finish(night.process("explain", "a", ["00004"], pipeline: "cd.yaml"))
      #expect(page.status == 0 && page.output.contains("churn_risk_learned"), "\(page.errors)")
      #expect(try Holdfast.shell("printf X | dd of='a/state/models/\(file)' bs=1 seek=5000 conv=notrunc", in: night.folder).status == 0)
      let damaged = try Holdfast.finish(night.process("run", "a", pipeline: "cd.yaml"))
      #expect(damaged.status == 65 && damaged.errors.contains("\(file): it is missing or damaged"), "\(damaged.errors)")
      try night.remove("a/state/models/\(file)")
      #expect(try Holdfast.finish(night.process("run", "a", pipeline: "cd.yaml")).status == 65)
    }
  #else
    @Test(arguments: ["trees", "auto"]) func `by trees is an error that says how to build with them`(method: String) throws {
      let night = try Night(rows: 100)
      try write(night, "customer_id, churn_risk_learned", learned: method)
      let result = try Holdfast.finish(night.process("run", "a", pipeline: "cd.yaml"))
      #expect(
        result.status == 78 && result.errors.contains("value.learned: \(method) needs boosted trees, which this holdfast was built without")
      )
      #expect(result.errors.contains("make build-trees"))
    }
  #endif

  @Test func `a misspelt name is told with what was meant`() throws {
    let night = try Night(rows: 100)
    try write(night, "customer_id, churn_risk_lerned")
    let result = try Holdfast.finish(night.process("run", "a", pipeline: "cd.yaml"))
    #expect(result.status == 78 && result.errors.contains("did you mean 'churn_risk_learned'?"))
  }
}
