import Columns
import Testing
import Warehouse

struct CustomersTests {
  let folder = TemporaryFolder()

  @Test func `every kind of column arrives as it was, and NULL where a value is absent`() throws {
    _ = try publish(Sample.publication(ids: ["b", "a", "c"]), options: PublishOptions(path: folder.database)) {}
    let reader = try Reader(folder.database)
    #expect(
      try reader.texts("SELECT * FROM customers") == [
        "\"a\"|-2|1000000002|NULL|NULL|\"2025-02\"|NULL|NULL",
        "\"b\"|-3|-5|0.0|\"1969-12-31\"|\"2025-01\"|\"in b\"|\"lost\"",
        "\"c\"|-1|2000000009|\(2.0 / 3)|\"1970-01-02\"|\"2025-03\"|\"in c\"|\"👑 champions\"",
      ])
    #expect(
      try reader.texts("SELECT DISTINCT typeof(purchases), typeof(net_minor), typeof(cohort) FROM customers")
        == ["\"integer\"|\"integer\"|\"text\""])
    #expect(try reader.texts("SELECT DISTINCT typeof(refund_share) FROM customers ORDER BY 1") == ["\"null\"", "\"real\""])
  }

  @Test func `hostile ids arrive byte for byte`() throws {
    let ids = [
      "'; DROP TABLE customers; --", "nul\0inside", "new\nline", "👩‍👩‍👧 é", "", "\u{1B}[31m", "../../x",
      String(repeating: "x", count: 1 << 20),
    ]
    _ = try publish(Sample.publication(ids: ids), options: PublishOptions(path: folder.database)) {}
    let found = try Reader(folder.database).texts("SELECT hex(CAST(customer_id AS BLOB)) FROM customers ORDER BY customer_id")
    let expected = Sample.order(of: ids).map { row in "\"" + hex(ids[Int(row)]) + "\"" }
    #expect(found == expected)
  }

  @Test(arguments: [0, 1, 127, 128, 129, 256, 300])
  func `blocks of rows neither lose nor repeat a row`(count: Int) throws {
    let ids = (0..<count).map { "id-\(($0 * 7919) % 1009)" }
    _ = try publish(Sample.publication(ids: ids), options: PublishOptions(path: folder.database)) {}
    let found = try Reader(folder.database).texts("SELECT customer_id, net_minor FROM customers ORDER BY customer_id")
    #expect(found == Sample.order(of: ids).map { "\"\(ids[Int($0)])\"|\(Int64($0) * 1_000_000_007 - 5)" })
  }

  @Test func `extreme values and a column of nothing but NULL arrive`() throws {
    var publication = Sample.publication(ids: ["a", "b"])
    var table = Table(rowCount: 2, columns: [publication.customers.columns[0]])
    let none = [false, false]
    table.append(Column(ColumnDefinition("big", .integer, ""), .int64([.min, .max])))
    table.append(Column(ColumnDefinition("small", .integer, ""), .int32([.min, .max])))
    table.append(Column(ColumnDefinition("real", .real, ""), .double([-.infinity, 2.5e-308])))
    table.append(Column(ColumnDefinition("day", .date, ""), .int32([-719_528, 2_932_896])))
    table.append(Column(ColumnDefinition("month", .month, ""), .int32([0, 119_999])))
    table.append(Column(ColumnDefinition("no_day", .date, "", nullWhen: "always"), .int32([.min, .max]), isPresent: none))
    table.append(Column(ColumnDefinition("no_code", .text, "", nullWhen: "always"), .code([0, 0], dictionary: []), isPresent: none))
    table.append(Column(ColumnDefinition("odd \"name\" select", .integer, ""), .int32([1, 2])))
    publication.customers = table
    publication.customersByID = [0, 1]
    _ = try publish(publication, options: PublishOptions(path: folder.database)) {}
    #expect(
      try Reader(folder.database).texts("SELECT * FROM customers") == [
        "\"a\"|-9223372036854775808|-2147483648|-inf|\"0000-01-01\"|\"0000-01\"|NULL|NULL|1",
        "\"b\"|9223372036854775807|2147483647|2.5e-308|\"9999-12-31\"|\"9999-12\"|NULL|NULL|2",
      ])
  }

  @Test func `columns that contradict themselves are an error of ours, not a crash`() throws {
    let broken: [Column] = [
      Column(ColumnDefinition("x", .date, ""), .int32([0, 3_000_000])),
      Column(ColumnDefinition("x", .month, ""), .int32([-1, 0])),
      Column(ColumnDefinition("x", .text, ""), .code([0, 2], dictionary: ["a", "b"])),
      Column(ColumnDefinition("x", .text, ""), .int32([0, 0])),
      Column(ColumnDefinition("x", .text, ""), .text(TextColumn(offsets: [0, 5, 9], bytes: [65]))),
      Column(ColumnDefinition("x", .integer, ""), .int32([0, 0]), isPresent: [true, false]),
    ]
    for column in broken {
      var publication = Sample.publication(ids: ["a", "b"])
      publication.customers = Table(rowCount: 2, columns: [publication.customers.columns[0], column])
      let error = #expect(throws: PipelineError.self) { try publish(publication, options: PublishOptions(path: folder.database)) {} }
      #expect(error?.exit == .internalError && error?.message.contains("x") == true)
    }
    for order: [UInt32] in [[0], [0, 2], [0, 0]] {
      var publication = Sample.publication(ids: ["a", "b"])
      publication.customersByID = order
      let error = #expect(throws: PipelineError.self) { try publish(publication, options: PublishOptions(path: folder.database)) {} }
      #expect(error?.exit == .internalError)
    }
  }

  @Test func `publish columns picks columns, always with the id, and a change of mind rebuilds the table`() throws {
    let names = "SELECT name FROM pragma_table_info('customers')"
    for columns in [["segment", "net_minor"], nil, ["purchases"], []] as [[String]?] {
      _ = try publish(Sample.publication(), options: PublishOptions(path: folder.database, columns: columns)) {}
      let expected = Sample.customers(["x"]).columns.map(\.name).filter { $0 == "customer_id" || columns?.contains($0) ?? true }
      let reader = try Reader(folder.database)
      #expect(try reader.texts(names) == expected.map { "\"\($0)\"" })
      #expect(try reader.texts("SELECT count(*) FROM v_customers") == ["3"])
    }
  }

  @Test func `an unknown column is refused with the nearest name`() throws {
    let error = #expect(throws: PipelineError.self) {
      try publish(Sample.publication(), options: PublishOptions(path: folder.database, columns: ["net_minr"])) {}
    }
    #expect(error?.exit == .badPipeline)
    #expect(error?.description.contains("net_minr") == true && error?.description.contains("did you mean \"net_minor\"?") == true)
  }

  private func hex(_ text: String) -> String {
    text.utf8.map { String($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }
}
