import Columns
import GRDB
import TestSupport
import Testing
import Warehouse

/// The records and pages that we make ourselves, read by SQLite: every length and number that takes another form there.
struct RecordsTests {
  let folder = TemporaryFolder()

  struct Shape: Sendable, CustomTestStringConvertible {
    var rows: Int
    var idBytes: ClosedRange<Int>
    var testDescription: String { "\(rows) rows, ids of \(idBytes.lowerBound) to \(idBytes.upperBound) bytes" }
  }

  /// Rows are made in up to 12 pieces of 8,192 and more, of which threads + 1 are there at a time; a page has 65,536 bytes and keeps 16,422 of
  /// a record.
  static let shapes = [
    Shape(rows: 8191, idBytes: 8...8), Shape(rows: 16_384, idBytes: 8...8), Shape(rows: 16_385, idBytes: 5...300),
    Shape(rows: 41_000, idBytes: 5...8), Shape(rows: 16_400, idBytes: 740...760),
    Shape(rows: 400, idBytes: 8000...8200), Shape(rows: 300, idBytes: 16_000...16_400), Shape(rows: 60, idBytes: 16_000...200_000),
  ]

  @Test(arguments: shapes)
  func `SQLite reads every row as it was, in a sound database, new and in place`(shape: Shape) throws {
    var random = Seeded(UInt64(shape.rows))
    let ids = (0..<shape.rows).map { row in
      let number = String(row), length = Int.random(in: shape.idBytes, using: &random)
      return String(repeating: "0", count: 5 - number.count) + number + String(repeating: "é", count: max(0, length - 5) / 2)
    }
    var options = PublishOptions(path: folder.database)
    for (asOf, threads) in [("2025-01-01", 1), ("2025-01-02", 3)] {
      options.threads = threads
      _ = try publish(Sample.publication(asOf, ids: ids.shuffled(using: &random)), options: options) {}
      let reader = try Reader(folder.database)
      #expect(try reader.texts("PRAGMA integrity_check") == ["\"ok\""])
      // Each row's other columns tell the place that its id had.
      let found = try reader.texts("SELECT customer_id FROM customers WHERE city IS NULL OR city = 'in ' || customer_id")
      #expect(found == ids.map { "\"\($0)\"" })
      let places = try reader.texts("SELECT purchases + 3 FROM customers WHERE net_minor = (purchases + 3) * 1000000007 - 5 ORDER BY 1")
      #expect(places == (0..<shape.rows).map(String.init))
    }
  }

  @Test func `whole numbers of every width and sign, NaN and texts of every length arrive`() throws {
    let powers: [Int64] = (0..<63).map { 1 << $0 }
    let around = powers.flatMap { power -> [Int64] in [power - 1, power, -power, -power - 1] }
    let numbers: [Int64] = around + [Int64.max, Int64.min]
    let ids = numbers.indices.map { String(10_000 + $0) }, lengths = numbers.indices.map { $0 < 70 ? $0 : 40 * $0 }
    var publication = Sample.publication(ids: ids)
    var table = Table(rowCount: ids.count, columns: [publication.customers.columns[0]])
    table.append(Column(ColumnDefinition("whole", .integer, ""), .int64(numbers)))
    table.append(Column(ColumnDefinition("real", .real, "", nullWhen: "NaN"), .double(numbers.indices.map { $0 % 2 == 0 ? .nan : 3 })))
    table.append(Column(ColumnDefinition("words", .text, ""), .text(TextColumn(lengths.map { String(repeating: "x", count: $0) }))))
    publication.customers = table
    _ = try publish(publication, options: PublishOptions(path: folder.database)) {}
    let rows = try Reader(folder.database).texts("SELECT whole, real, typeof(real), length(words) FROM customers ORDER BY customer_id")
    let expected = numbers.indices.map { i in
      "\(numbers[i])|\(i % 2 == 0 ? "NULL|\"null\"" : "3.0|\"real\"")|\(lengths[i])"
    }
    #expect(rows == expected)
  }

  @Test func `rows that are not in rising order of the key are an error of ours`() throws {
    for (ids, order) in [(["b", "a"], [0, 1]), (["a", "a"], [0, 1]), (["ab", "a"], [0, 1]), (["", ""], [1, 0])] as [([String], [UInt32])] {
      var publication = Sample.publication(ids: ids)
      publication.customersByID = order
      let error = #expect(throws: PipelineError.self) { try publish(publication, options: PublishOptions(path: folder.database)) {} }
      #expect(error?.exit == .internalError && error?.message.contains("customer_id") == true)
    }
  }
}
