import Buffers
import Columns
import Dumps
import TestSupport
import Testing

/// Maps nothing but what a test asks for.
private func mapping(_ change: (inout TransactionMapping) throws -> Void = { _ in }) rethrows -> TransactionMapping {
  var mapping = TransactionMapping(discount: nil, cost: nil, category: nil, channel: nil, kind: nil)
  try change(&mapping)
  return mapping
}

@Suite struct `Dumps of other dialects` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(
    _ text: String, _ mapping: TransactionMapping, dialect: Dialect = Dialect(), zone: String = "UTC", name: String = "dump.csv"
  ) throws -> Reading {
    try read(try folder.write(name, text), mapping: mapping, dialect: dialect, zone: zone)
  }

  private let header = "transaction_id,customer_id,occurred_at,amount\n"

  // MARK: refunds and rows without a customer

  @Test func `a negative amount is a refund of its magnitude where the sign tells`() throws {
    let found = try rows(header + "t1,a,2024-01-01,5.00\nt2,a,2024-01-02,-2.50\nt3,a,2024-01-03,-0\n", mapping { $0.refunds = .sign })
    #expect(found.events.map(\.amount) == [500, 250, 0])
    #expect(found.events.map(\.kind) == [0, 1, 0])
  }

  @Test func `an id's prefix makes a refund of either sign, and a negative amount without it is a reject`() throws {
    let found = try rows(
      header + "t1,a,2024-01-01,5.00\nC2,a,2024-01-02,-2.50\nC3,a,2024-01-03,1.00\nt4,a,2024-01-03,-1.00\n",
      mapping { $0.refunds = .idPrefix(["C", "X"]) })
    #expect(found.events.map(\.amount) == [500, 250, 100])
    #expect(found.events.map(\.kind) == [0, 1, 1])
    #expect(found.rejects.map(\.reason) == ["expected an amount of 0 or more, found a negative one"])
    #expect(found.rejects.map(\.line) == [5])
    #expect(found.rejects.map(\.column) == ["amount"])
  }

  @Test func `discount and cost of a refund lose their signs with it; of a purchase a sign is a reject`() throws {
    let mapping = mapping {
      $0.refunds = .sign
      $0.discount = "discount"
    }
    let found = try rows(
      "transaction_id,customer_id,occurred_at,amount,discount\nt1,a,2024-01-01,-5,-1\nt2,a,2024-01-01,5,-1\nt3,a,2024-01-01,-5,\n", mapping)
    #expect(found.events.map(\.discount) == [100, nil])
    #expect(found.rejects.map(\.column) == ["discount"])
  }

  @Test func `rows without a customer are left out and counted, whatever else is wrong with them`() throws {
    let mapping = mapping { $0.skipsRowsWithoutCustomer = true }
    let found = try rows(header + "t1,a,2024-01-01,5\nt2,,never,lots\n,,,\nt3,b,2024-01-01,x\nt4,,1\n", mapping)
    #expect(found.rowsRead == 5 && found.events.count == 1 && found.filtered == 2)
    #expect(found.rejects.map(\.line) == [5, 6])
    #expect(try rows(header + "t2,,2024-01-01,5\n", .init(discount: nil, cost: nil, category: nil, channel: nil, kind: nil)).rejected == 1)
  }

  // MARK: quantity and unit price

  @Test func `the amount is quantity times unit price, to the cent`() throws {
    let mapping = mapping { ($0.amount, $0.quantity, $0.unitPrice, $0.refunds) = (nil, "q", "p", .sign) }
    let found = try rows(
      "transaction_id,customer_id,occurred_at,q,p\nt1,a,2024-01-01,3,1.005\nt2,a,2024-01-01,-2,2.55\nt3,a,2024-01-01,9000000000000,9000000000000\n"
        + "t4,a,2024-01-01,1.2345678,1\nt5,a,2024-01-01,,1\n", mapping)
    #expect(found.events.map(\.amount) == [302, 510])
    #expect(found.events.map(\.kind) == [0, 1])
    #expect(
      found.rejects.map(\.reason) == [
        "expected an amount below 2⁶³ minor units, found a larger one", "expected at most 6 decimals, found more",
        "expected a value, found nothing",
      ])
  }

  @Test func `a negative product is a reject where the kind column tells refunds`() throws {
    let mapping = mapping { ($0.amount, $0.quantity, $0.unitPrice) = (nil, "q", "p") }
    let found = try rows("transaction_id,customer_id,occurred_at,q,p\nt1,a,2024-01-01,-3,1.00\nt2,a,2024-01-01,-3,0\n", mapping)
    #expect(found.rejects.map(\.line) == [2] && found.events.count == 1)
  }

  // MARK: texts

  @Test(arguments: ["\r", "\r\n", "\n"]) func `lines end in CR, CRLF or LF, with the same rows, lines and rejects`(lineEnd: String) throws {
    let text = header + "t1,a,2024-01-01,5\nt2,\"b\",2024-01-01,6\n\nt3,c,2024-01-01,x\nt4,d,2024-01-01,7"
    let found = try rows(text.replacing("\n", with: lineEnd), mapping())
    #expect(found.rowsRead == 4)
    #expect(found.events.map(\.customer) == ["a", "b", "d"])
    #expect(found.events.map(\.line) == [2, 3, 6])
    #expect(found.rejects.map(\.line) == [5])
    #expect(found.rejects.map { $0.raw } == [Array("t3,c,2024-01-01,x".utf8)])
  }

  /// The border between two pieces of text falls on every place around a line's end.
  @Test func `bare CR and CRLF after it survive the border between two pieces of text`() throws {
    for shift in 0..<6 {
      let filler = String(repeating: "x", count: 100)
      var text = "transaction_id,customer_id,occurred_at,amount,note\r", count = 0
      while text.utf8.count < pieceBytes - 200 {
        text += "t\(count),a,2024-01-01,1,\(filler)\r"
        count += 1
      }
      let last = "t\(count),a,2024-01-01,1,"
      text += last + String(repeating: "y", count: pieceBytes - text.utf8.count - last.utf8.count - 3 + shift) + "\r\nz,b,2024-01-02,2,\r"
      let found = try rows(text, mapping())
      #expect(found.rejected == 0 && found.rowsRead == Int64(count + 2), "\(shift)")
      #expect(found.events.last?.customer == "b")
      #expect(found.events.last?.line == Int64(count + 3), "\(shift)")
    }
  }

  @Test func `Latin-1 and Windows-1252 become UTF-8, in names of columns too`() throws {
    let mapping = mapping { ($0.customerID, $0.category) = ("Käufer", "group") }
    let head: [UInt8] = Array("transaction_id,K".utf8) + [0xE4] + Array("ufer,occurred_at,amount,group\n".utf8)
    func row(_ customer: [UInt8]) -> [UInt8] {
      Array("t1,".utf8) + customer + Array(",2024-01-01,1,\"x\"\"".utf8) + [0xDF] + Array("\"\n".utf8)
    }
    let path = try folder.write("latin.csv", head + row([0x4D, 0xFC]) + row([0x80]) + row([0x81]))
    let windows = try read(path, mapping: mapping, dialect: Dialect(encoding: .windows1252))
    #expect(windows.events.map(\.customer) == ["Mü", "€"])
    #expect(windows.events.map(\.category) == ["x\"ß", "x\"ß"])
    #expect(windows.rejects.map(\.reason) == ["expected windows-1252 text, found an invalid byte"])
    #expect(try read(path, mapping: mapping, dialect: Dialect(encoding: .latin1)).events.map(\.customer) == ["Mü", "\u{80}", "\u{81}"])
  }

  @Test func `a column that two fields share is decoded once`() throws {
    let mapping = mapping { ($0.category, $0.channel) = ("x", "x") }
    let row = Array("t1,a,2024-01-01,1,".utf8) + [UInt8](repeating: 0x80, count: 1000) + [10]
    let head = Array("transaction_id,customer_id,occurred_at,amount,x\n".utf8)
    let path = try folder.write("twice.csv", head + (0..<2000).flatMap { _ in row })
    let found = try read(path, mapping: mapping, dialect: Dialect(encoding: .windows1252))
    #expect(found.events.count == 2000 && found.events.allSatisfy { $0.category.count == 1000 })
  }

  @Test func `a whole piece of bytes that triple fits`() throws {
    let euros = [UInt8](repeating: 0x80, count: 200_000)
    let path = try folder.write(
      "euros.csv", Array((header + "t1,").utf8) + euros + Array(",2024-01-01,1\n".utf8) + Array("t2,b,2024-01-01,1\n".utf8))
    let found = try read(path, mapping: mapping(), dialect: Dialect(encoding: .windows1252))
    #expect(found.events.map(\.customer.count) == [200_000, 1])
  }

  @Test func `trimming, null texts, defaults and constants, in that order`() throws {
    let mapping = mapping {
      ($0.category, $0.discount) = ("group", "discount")
      $0.rules = [
        .category: FieldRule(otherwise: "none"), .discount: FieldRule(otherwise: "0.50"), .amount: FieldRule(constant: "9.99"),
      ]
      $0.amount = nil
    }
    let text =
      " transaction_id ,customer_id,occurred_at,group,discount\n t1 ,a\t, 2024-01-01 , NULL ,1\nt2,b,2024-01-01,x y, n/a \nt3,NULL,2024-01-01,,\n"
    let found = try rows(text, mapping, dialect: Dialect(isTrimmed: true, nulls: ["NULL", "n/a"]))
    #expect(found.events.map(\.id) == ["t1", "t2"])
    #expect(found.events.map(\.customer) == ["a", "b"])
    #expect(found.events.map(\.category) == ["none", "x y"])
    #expect(found.events.map(\.discount) == [100, 50])
    #expect(found.events.map(\.amount) == [999, 999])
    #expect(found.rejects.map(\.reason) == ["expected a value, found nothing"])
    #expect(found.rejects.map(\.column) == ["customer_id"])
  }

  @Test func `without those, spaces are part of a value`() throws {
    #expect(try rows(header + " t1,a,2024-01-01, 5\n", mapping()).rejects.map(\.column) == ["amount"])
  }

  @Test func `a wrong constant is told under our name of the field`() throws {
    let found = try rows(
      "transaction_id,customer_id,occurred_at\nt,a,2024-01-01\n",
      mapping {
        $0.amount = nil
        $0.rules = [.amount: FieldRule(constant: "x")]
      })
    #expect(found.rejects.map(\.column) == ["amount"])
  }

  // MARK: times

  @Test func `local times hang on the zone of their dump; one that comes twice is the earlier, one that is skipped goes by the old offset`()
    throws
  {
    let mapping = try mapping {
      $0.times = TimeReading(format: .pattern(try TimePattern("dd.MM.yyyy HH:mm")), zone: "Europe/Berlin")
    }
    let found = try rows(
      header + "t1,a,01.07.2024 12:00,1\nt2,a,27.10.2024 02:30,1\nt3,a,31.03.2024 02:30,1\nt4,a,1.7.2024 12:00,1\n", mapping,
      zone: "America/New_York")
    #expect(found.events.map(\.time) == [1_719_828_000, 1_729_989_000, 1_711_848_600])
    #expect(found.rejects.map(\.reason) == ["expected a time like dd.MM.yyyy HH:mm, found these characters in another order"])
  }

  @Test func `one column may be written differently from the others`() throws {
    let mapping = mapping {
      $0.discount = "discount"
      $0.rules = [.discount: FieldRule(numbers: NumberFormat(decimalSeparator: UInt8(ascii: ",")))]
    }
    let found = try rows(
      "transaction_id;customer_id;occurred_at;amount;discount\nt1;a;2024-01-01;1.50;0,25\nt2;a;2024-01-01;1,50;0,25\n", mapping,
      dialect: Dialect(delimiter: UInt8(ascii: ";")))
    #expect(found.events.map(\.discount) == [25] && found.events.map(\.amount) == [150])
    #expect(found.rejects.map(\.reason) == ["expected a decimal number with \".\", found a \",\""])
  }
}
