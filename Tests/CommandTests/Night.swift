import Foundation
import Testing

/// A folder with generated dumps, malformed and repeated rows among them, two dumps that contradict each other, and a pipeline that takes
/// all of it. It goes away with its owner.
final class Night {
  let folder = NSTemporaryDirectory() + "holdfast-night-" + UUID().uuidString
  static let day = "2025-01-01"

  private static let header = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n"

  init(rows: Int, files: Int = 4) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let made = try Holdfast.run(
      "generate", folder + "/dumps", "--rows", String(rows), "--customers", String(rows / 12), "--files", String(files), "--level", "1")
    try #require(made.status == 0, "\(made.errors)")
    for (name, amount) in [("x-1", "10.00"), ("x-2", "12.00")] {
      let rows = (0..<50).map { "twice-\($0),c-\($0 % 7),2024-05-0\($0 % 9 + 1)T10:00:00Z,\(amount),0.00,1.00,books,web,purchase\n" }
      try write("dumps/\(name).csv", Self.header + rows.joined())
    }
    try write("night.yaml", Self.pipeline(buckets: 64))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func pipeline(buckets: Int, dumps: String = "dumps") -> String {
    """
    name: night
    as_of: \(day)
    store: {buckets: \(buckets)}
    feeds: {transactions: {dumps: ["\(dumps)/*.csv*"], settle: 0, rejects: {rows_max: 1000000, share_max: 0.01}}}

    """
  }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
  }

  /// A command whose state and database lie in the folder `place`.
  func process(_ command: String, _ place: String, _ arguments: [String] = [], pipeline: String = "night.yaml") -> Process {
    let own = ["--state", place + "/state"] + (["run", "publish"].contains(command) ? ["--database", place + "/out.sqlite"] : [])
    return Holdfast.process([command, pipeline] + own + arguments, in: folder)
  }

  @discardableResult
  func run(_ command: String, _ place: String, _ arguments: [String] = [], pipeline: String = "night.yaml") throws -> Holdfast.Result {
    let result = try Holdfast.finish(process(command, place, arguments, pipeline: pipeline))
    #expect(result.status == 0, "\(result.errors)")
    return result
  }

  func tables(_ place: String, without columns: [String] = []) throws -> [String: String] {
    try Results.tables(folder + "/" + place + "/out.sqlite", without: columns)
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/" + path) }

  func files(_ path: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + path)) ?? []).sorted() }

  func remove(_ path: String) throws {
    if exists(path) { try FileManager.default.removeItem(atPath: folder + "/" + path) }
  }

  func copy(_ from: String, to: String) throws { try FileManager.default.copyItem(atPath: folder + "/" + from, toPath: folder + "/" + to) }

  /// What `run_results.json` says of the newest run.
  func record(_ place: String) throws -> [String: Any] {
    let newest = try #require(files(place + "/state/runs").last)
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/\(place)/state/runs/\(newest)/run_results.json"))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}

/// What stands in a results database.
enum Results {
  static let names = [
    "publication", "loads", "rejects", "conflicts", "customers", "segments", "churn_metrics", "cohorts", "segment_history",
    "segment_changes", "published_days", "models", "data_dictionary",
  ]

  /// SHA-256 of each result table as SQLite quotes it, in the order the rows are stored in, so also of that order; and of the schema.
  /// Leaves out `runs`, and of the others the columns named.
  static func tables(_ database: String, without columns: [String]) throws -> [String: String] {
    let left = columns.map { "'\($0)'" }.joined(separator: ",")
    let script = """
      set -eu
      test -f "$db"
      for t in \(names.joined(separator: " ")); do
        columns=$(sqlite3 "$db" "SELECT group_concat('\\"' || name || '\\"') FROM pragma_table_info('$t') WHERE name NOT IN (\(left))")
        test -n "$columns"
        order=\(columns.isEmpty ? "" : "$(case $t in loads|rejects) echo ORDER BY sha256, 3, 4, 5, 6;; esac)")
        echo "$t $(sqlite3 "$db" '.mode quote' "SELECT $columns FROM $t $order" | sha256sum)"
      done
      echo "schema $(sqlite3 "$db" 'SELECT sql FROM sqlite_schema ORDER BY type, name' | sha256sum)"
      """
    let result = try Holdfast.shell("db='\(database)'\n" + script, in: NSTemporaryDirectory())
    try #require(result.status == 0, "\(result.errors)")
    var tables: [String: String] = [:]
    for line in result.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      tables[String(words[0])] = String(words[1])
    }
    return tables
  }

  /// The tables that differ.
  static func differences(_ a: [String: String], _ b: [String: String]) -> [String] {
    Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
  }
}
