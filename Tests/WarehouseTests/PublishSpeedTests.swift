import Columns
import Foundation
import Testing
import Warehouse

/// A measurement, not a check: `HOLDFAST_SPEED_ROWS=1000000 swift test -c release --filter PublishSpeedTests`.
struct PublishSpeedTests {
  static let rowCount = ProcessInfo.processInfo.environment["HOLDFAST_SPEED_ROWS"].flatMap(Int.init) ?? 0

  @Test(.enabled(if: rowCount > 0, "set HOLDFAST_SPEED_ROWS to measure"))
  func `a table of 22 columns is published new, and again over itself`() throws {
    let folder = TemporaryFolder()
    let path = ProcessInfo.processInfo.environment["HOLDFAST_SPEED_PATH"] ?? folder.database
    let publication = Self.publication(rows: Self.rowCount)
    for name in ["new", "again", "again"] {
      let begin = ContinuousClock.now
      let cpu = clock()
      var filled = begin
      let report = try publish(publication, options: PublishOptions(path: path)) { filled = .now }
      let end = ContinuousClock.now
      print(
        "\(name): \(end - begin), rows \(filled - begin), commit and after \(end - filled), CPU \(Double(clock() - cpu) / 1e6) s,",
        "\(report.databaseBytes >> 20) MiB, \(Self.peak)"
      )
    }
    let sums = try Reader(path).texts("SELECT count(*), sum(i3), sum(r2) FROM customers")
    #expect(sums.count == 1)
    print(sums)
  }

  /// Eleven integers, eight reals, a date and a code; rows stand in 64 buckets, by id within each, as transform leaves them.
  static func publication(rows: Int) -> Publication {
    let buckets = 64
    let ids = (0..<buckets).flatMap { bucket in stride(from: bucket, to: rows, by: buckets).map { $0 } }
    var customersByID = [UInt32](repeating: 0, count: rows)
    for (row, id) in ids.enumerated() { customersByID[id] = UInt32(row) }
    var text = TextColumn()
    for id in ids { text.append(String(format: "C%07d", id).utf8) }
    var table = Table(rowCount: rows, columns: [Column(ColumnDefinition("customer_id", .text, ""), .text(text))])
    for k in 0..<11 {
      let modulus: Int64 = k < 4 ? 20000 : k < 8 ? 300 : 5
      let values = ids.map { Int64((UInt32(truncatingIfNeeded: $0) &* 2_654_435_761) >> UInt32(k + 8)) % modulus }
      table.append(Column(ColumnDefinition("i\(k)", .integer, ""), k < 4 ? .int64(values) : .int32(values.map(Int32.init))))
    }
    let reals = ProcessInfo.processInfo.environment["HOLDFAST_SPEED_REALS"].flatMap(Int.init) ?? 8
    for k in 0..<reals {
      table.append(Column(ColumnDefinition("r\(k)", .real, ""), .double(ids.map { Double($0 * 40503 % 100_000) / 7 + Double(k) })))
    }
    table.append(Column(ColumnDefinition("last_purchase", .date, ""), .int32(ids.map { 19_000 + Int32($0 % 700) })))
    let names = ["champions", "loyal", "new", "at_risk", "cant_lose", "lost", "regular"]
    table.append(Column(ColumnDefinition("segment", .text, ""), .code(ids.map { UInt16($0 % 7) }, dictionary: names)))
    var publication = Sample.publication()
    publication.customers = table
    publication.customersByID = customersByID
    return publication
  }

  /// Anonymous memory of the process now.
  static var peak: String {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return status.split(separator: "\n").first { $0.hasPrefix("RssAnon") }.map(String.init) ?? ""
  }
}
