import Columns
import Foundation
import Populations
import Testing

@Suite struct GenerateTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func generated(_ options: PopulationOptions) throws -> [[String]] {
    let population = try generate(options, into: folder.path)
    return try population.dumps.flatMap { try folder.lines($0.name) }
  }

  @Test func `one seed gives the same bytes with 1 and with 2 threads, and another seed gives others`() throws {
    let other = try Folder(), third = try Folder()
    let population = try generate(PopulationOptions(rows: 30_000, files: 5, seed: 11, threads: 1), into: folder.path)
    _ = try generate(PopulationOptions(rows: 30_000, files: 5, seed: 11, threads: 2), into: other.path)
    _ = try generate(PopulationOptions(rows: 30_000, files: 5, seed: 12, threads: 2), into: third.path)
    #expect(try folder.names() == ["truth.json", "tx-0.csv.gz", "tx-1.csv.gz", "tx-2.csv.gz", "tx-3.csv.gz", "tx-4.csv.gz"])
    for name in try folder.names() { #expect(try folder.bytes(name) == other.bytes(name), "\(name)") }
    for (name, _) in population.dumps { #expect(try folder.text(name) != third.text(name), "\(name)") }
  }

  @Test func `the text of a seed is what it was when this was written`() throws {
    let lines = try generated(PopulationOptions(rows: 3, customers: 2, files: 1, seed: 7, months: 6))
    #expect(
      lines.map { $0.joined(separator: ",") } == [
        "T000000001,C0000001,2023-01-27T12:06:53Z,56.90,0.00,30.41,household,web,purchase",
        "T000000002,C0000000,2023-04-07T17:27:28Z,95.13,0.00,51.75,household,app,purchase",
        "T000000003,C0000001,2023-06-15T19:20:29Z,37.30,4.15,30.29,household,web,purchase",
      ])
  }

  @Test func `what is reported is what the dumps hold`() throws {
    let options = PopulationOptions(rows: 40_000, customers: 3000, files: 3, seed: 5)
    let population = try generate(options, into: folder.path)
    var total = DumpTruth()
    var seen = Set<[String]>(), transactions = Set<String>(), customers = Set<String>()
    for (name, truth) in population.dumps {
      var found = DumpTruth()
      for fields in try folder.lines(name) {
        guard fields.count == 9, fields[2].count == 20, !fields[2].contains("-13-45"), let amount = Self.minor(fields[3]) else {
          found.malformed += 1
          continue
        }
        guard seen.insert(fields).inserted else {
          found.duplicates += 1
          continue
        }
        #expect(transactions.insert(fields[0]).inserted)
        customers.insert(fields[1])
        if fields[8] == "refund" { found.refunds += 1 } else { found.purchases += 1 }
        found.netMinor += fields[8] == "refund" ? -amount : amount
      }
      found.textBytes = Int64(try folder.text(name).utf8.count)
      found.fileBytes = Int64(try folder.bytes(name).count)
      #expect(found == truth, "\(name)")
      total.netMinor += found.netMinor
    }
    #expect(population.transactions == 40_000 && transactions.count == 40_000)
    #expect(population.customers == 3000 && customers.count == 3000)
    #expect(population.total.purchases == 38_800 && population.total.refunds == 1200)
    #expect(population.total.duplicates == 40 && population.total.malformed == 20)
    #expect(population.total.rows == 40_060 && population.total.netMinor == total.netMinor)
  }

  @Test func `truth.json says the same as what is returned`() throws {
    let population = try generate(PopulationOptions(rows: 5000, files: 2, seed: 3), into: folder.path)
    let json = try #require(try JSONSerialization.jsonObject(with: folder.bytes("truth.json")) as? [String: Any])
    #expect(json["net_minor"] as? Int == population.total.netMinor)
    #expect(json["rows"] as? Int == 5007 && json["transactions"] as? Int == 5000 && json["customers"] as? Int == 500)
    let files = try #require(json["files"] as? [[String: Any]])
    #expect(files.map { $0["name"] as? String } == ["tx-0.csv.gz", "tx-1.csv.gz"])
    #expect(files.compactMap { $0["rows"] as? Int } == population.dumps.map(\.truth.rows))
    let parameters = try #require(json["parameters"] as? [String: Any])
    #expect(parameters["seed"] as? Int == 3 && parameters["start"] as? String == "2023-01-01")
  }

  @Test func `each way for a row to be malformed occurs`() throws {
    let malformed = try generated(PopulationOptions(rows: 20_000, files: 2, seed: 1)).filter { $0[0] > "T000020000" }
    #expect(malformed.count == 10)
    #expect(malformed.contains { $0[2].contains("-13-45T") && $0.count == 9 })
    #expect(malformed.contains { $0[2] == "not-a-date" && $0.count == 9 })
    for amount in ["N/A", "12.3.4", ""] { #expect(malformed.contains { $0[3] == amount && $0.count == 9 }, "\(amount)") }
    #expect(malformed.contains { $0.count == 4 })
    #expect(malformed.contains { $0.count == 7 })
  }

  @Test(arguments: [("2023-01-01", 24, "2025-01-01"), ("2024-01-31", 1, "2024-02-29"), ("1999-12-15", 2, "2000-02-15")])
  func `every time lies inside the window`(start: String, months: Int, end: String) throws {
    let first = try #require(Day(start))
    let lines = try generated(PopulationOptions(rows: 1999, customers: 700, files: 1, seed: 9, start: first, months: months))
    #expect(lines.count == 2000)
    let times = lines.map { $0[2] }
    #expect(times.allSatisfy { $0 >= start && $0 < end })
    #expect(times.contains { $0.hasPrefix(start.prefix(7)) })
  }

  @Test func `rows come by time and no customer buys twice in one second`() throws {
    let lines = try generated(PopulationOptions(rows: 1900, customers: 3, files: 2, seed: 4, months: 1)).filter { $0[0] <= "T000001900" }
    var seen = Set<String>()
    var purchases: [String] = []
    for fields in lines where seen.insert(fields[0]).inserted && fields[8] == "purchase" { purchases.append(fields[1] + fields[2]) }
    #expect(purchases.count == 1843 && Set(purchases).count == 1843)
    let originals = lines.filter { fields in lines.filter { $0[0] == fields[0] }.count == 1 }
    #expect(originals.map { $0[2] } == originals.map { $0[2] }.sorted())
    #expect(originals.map { $0[0] } == originals.map { $0[0] }.sorted())
  }

  @Test func `a refund gives a purchase's money back, later or at the end of the window`() throws {
    let lines = try generated(PopulationOptions(rows: 3000, files: 1, seed: 2)).filter { $0.count == 9 }
    let purchases = Dictionary(grouping: lines.filter { $0[8] == "purchase" }) { [$0[1]] + $0[3...7] }
    let refunds = lines.filter { $0[8] == "refund" }
    #expect(refunds.count >= 90)
    for refund in refunds {
      #expect(purchases[[refund[1]] + refund[3...7], default: []].contains { $0[2] < refund[2] || refund[2] == "2024-12-31T23:59:59Z" })
    }
  }

  @Test(arguments: 1...12) func `any number of rows from one up is generated`(rows: Int) throws {
    let population = try generate(PopulationOptions(rows: rows, seed: 1), into: folder.path)
    #expect(population.transactions == rows && population.customers == 1)
    #expect(population.dumps.count == min(8, rows))
    #expect(try population.dumps.map { try folder.lines($0.name).count }.reduce(0, +) == rows)
  }

  @Test func `eleven dumps sort by name as they sort by time`() throws {
    let population = try generate(PopulationOptions(rows: 50, files: 11, seed: 1), into: folder.path)
    #expect(population.dumps.first?.name == "tx-00.csv.gz" && population.dumps.last?.name == "tx-10.csv.gz")
    #expect(population.dumps.map(\.name) == population.dumps.map(\.name).sorted())
  }

  private static func minor(_ text: String) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
    return major * 100 + minor
  }
}
