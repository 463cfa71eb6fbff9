import Foundation
import Testing

/// A folder with a dump, the pipeline file that `sniff` proposes for it pasted below a name, and its results. It goes away with its owner.
final class SniffedShop {
  let folder: String
  private(set) var sniffed = Holdfast.Result(status: -1, output: "", errors: "")

  /// Money in cents.
  struct Totals: Equatable {
    var gross = 0
    var refunded = 0
    var customers = 0
  }

  init(_ name: String, _ dump: Data, _ flags: [String] = []) throws {
    folder = NSTemporaryDirectory() + "holdfast-sniffed-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try add(name, dump)
    sniffed = try Holdfast.finish(Holdfast.process(["sniff", name] + flags, in: folder))
  }

  convenience init(_ name: String, _ dump: String, _ flags: [String] = []) throws { try self.init(name, Data(dump.utf8), flags) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func add(_ name: String, _ data: Data) throws { try data.write(to: URL(fileURLWithPath: folder + "/" + name)) }

  func run(_ arguments: String...) throws -> Holdfast.Result { try Holdfast.finish(Holdfast.process(arguments, in: folder)) }

  func files() -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

  func text(_ name: String) throws -> String { try String(contentsOfFile: folder + "/" + name, encoding: .utf8) }

  /// Pastes what was proposed, runs it, and adds up the results.
  func totals() throws -> Totals {
    #expect(sniffed.status == 0, "\(sniffed.errors)")
    try add("shop.yaml", Data(("name: shop\nstate: state\noutput: {database: out.sqlite}\n" + sniffed.output).utf8))
    let result = try run("run", "shop.yaml", "--settle", "0", "--quiet")
    #expect(result.status == 0, "\(result.errors)\n\(sniffed.output)")
    return try sums("out.sqlite")
  }

  func sums(_ database: String) throws -> Totals {
    let query = "SELECT sum(gross_minor), sum(gross_minor - net_minor), count(*) FROM customers"
    let cells = try Holdfast.shell("sqlite3 '\(database)' \"\(query)\"", in: folder).output.split { $0 == "|" || $0 == "\n" }.map {
      Int($0)
    }
    try #require(cells.count == 3)
    return Totals(gross: cells[0] ?? 0, refunded: cells[1] ?? 0, customers: cells[2] ?? 0)
  }

  /// Whether the proposal says a key so.
  func says(_ key: String, _ value: String) -> Bool {
    sniffed.output.split(separator: "\n").contains { line in
      let text = line.drop { $0 == " " }
      return text == "\(key): \(value)" || text.hasPrefix("\(key): \(value) ")
    }
  }
}
