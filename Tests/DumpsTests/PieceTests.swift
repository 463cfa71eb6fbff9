import Buffers
import TestSupport
import Testing

/// Found by a fuzzer: where a piece of the text began with a short row, the rows behind it were read at the wrong columns.
@Suite struct `A text cut into pieces` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [nil, "b,c2", "b,c2,2024-03-01T00:00:00Z,1.00,more", "\"b\",c2,2024-03-01T00:00:00Z,1.00", ""] as [String?])
  func `of any size gives the rows of the whole, also behind a row of another shape`(odd: String?) throws {
    var lines = ["transaction_id,customer_id,occurred_at,amount"]
    for i in 0..<40 {
      lines.append("t\(i),c1,2024-03-01T00:00:00Z,\(i).00")
      if let odd, i % 2 == 1 { lines.append(odd) }
    }
    let path = try folder.write("a.csv", lines.joined(separator: "\n") + "\n"), whole = try read(path)
    #expect(whole.events.count { $0.id.hasPrefix("t") } == 40)
    for pieceBytes in 50...250 {
      let cut = try read(path, pieceBytes: pieceBytes)
      #expect(cut.events == whole.events && cut.rejects == whole.rejects, "in pieces of \(pieceBytes) bytes")
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func `of any size ends its lines where the whole ends them, inside quotes too`(end: String) throws
  {
    let lines = ["transaction_id,customer_id,occurred_at,amount"] + (0..<20).map { "\"t\(end)\($0)\",c1,2024-03-01T00:00:00Z,\($0).00" }
    let path = try folder.write("a.csv", lines.joined(separator: end) + end), whole = try read(path)
    #expect(whole.events.count == 20)
    for pieceBytes in 5...120 {
      let cut = try read(path, pieceBytes: pieceBytes)
      #expect(cut.events == whole.events && cut.facts == whole.facts, "in pieces of \(pieceBytes) bytes")
    }
  }

  @Test(arguments: ["am\"ount", "\"am\"ount", "amount\""]) func `of any size takes a quote within a name for itself`(name: String) throws {
    // The first line ends in a return; what a second quote would close holds a line feed.
    let header = "transaction_id,customer_id,occurred_at,\(name),x"
    let path = try folder.write("a.csv", "\(header)\rt1,c1,2024-03-01T00:00:00Z,1.00,\nt2,c\"1,2024-03-01T00:00:00Z,2.00,x\r")
    func message(pieceBytes: Int) -> String {
      do {
        _ = try read(path, pieceBytes: pieceBytes)
        return "none"
      } catch { return "\(error)" }
    }
    let whole = message(pieceBytes: TextChunk.textCapacity)
    #expect(whole != "none")
    for pieceBytes in 5...150 { #expect(message(pieceBytes: pieceBytes) == whole, "in pieces of \(pieceBytes) bytes") }
  }
}
