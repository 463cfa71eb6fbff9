import Columns
import GRDB

/// What a run was held against before it published.
package struct CheckRecord: Sendable, Hashable, Codable {
  /// The key of the pipeline file that asks for it.
  package var name: String
  /// `warn` or `fail`.
  package var severity: String
  package var expected: String
  package var found: String
  package var passed: Bool

  package init(name: String, severity: String, expected: String, found: String, passed: Bool) {
    self.name = name
    self.severity = severity
    self.expected = expected
    self.found = found
    self.passed = passed
  }
}

extension ResultTables {
  static let checks = TableDefinition(
    name: "checks",
    fields: [
      text("run_id", "The run that published"),
      date("as_of", "Day that its results stand for"),
      text("name", "Key of the pipeline file that asks for the check"),
      text("severity", "warn: said, and published all the same; fail: nothing is published, so all here passed"),
      text("expected", "What was expected"),
      text("found", "What was found"),
      integer("passed", "0 or 1", "1: it was as expected"),
    ], key: ["run_id", "name", "severity"])
}
