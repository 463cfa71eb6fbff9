import Buffers
import Crypto
import Foundation
import TestSupport
import Testing

/// The texts of one dump, inflated beside the parser and by it, which must agree.
func readBothWays(_ path: String) throws -> (text: [UInt8], facts: DumpFacts) {
  let alone = Result { try readText(path, pipelined: false) }, beside = Result { try readText(path, pipelined: true) }
  switch (alone, beside) {
  case (.success(let a), .success(let b)):
    #expect(a.text == b.text && a.facts == b.facts)
    return a
  case (.failure(let a as GzipFault), .failure(let b as GzipFault)):
    #expect(a == b)
    throw a
  case (.failure(let fault), _), (_, .failure(let fault)):
    Issue.record("one way of reading failed, the other did not, or not in the same way: \(fault)")
    throw fault
  }
}

@Suite struct GzipTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ bytes: [UInt8]) throws -> (text: [UInt8], facts: DumpFacts) { try readBothWays(try folder.write("dump.gz", bytes)) }

  // MARK: vectors

  @Test func `every vector of Go's gzip gives its text, or is refused where Go refuses it`() throws {
    let table = try Vectors.table("gzip-go/expected.tsv").filter { !$0[0].contains("..") }
    #expect(table.count == 14)
    for line in table {
      let path = Vectors.path("gzip-go/" + line[0])
      if line[1].isEmpty {
        let (text, facts) = try readBothWays(path)
        #expect(try text == Vectors.read("gzip-go/" + line[0].replacing(".gz", with: ".raw")), "\(line[0])")
        #expect(text.count == Int(line[2]), "\(line[0])")
        #expect(facts.textCRC == UInt32(line[3], radix: 16), "\(line[0])")
      } else {
        #expect(throws: GzipFault.self, "\(line[0])") { try readBothWays(path) }
      }
    }
  }

  @Test func `each of Go's 39 truncated streams is refused, and the whole one is not`() throws {
    let names = try Vectors.names("gzip-go/truncated").filter { $0 != "full.gz" }
    #expect(names.count == 39)
    for name in names {
      #expect(throws: GzipFault.self, "\(name)") { try readBothWays(Vectors.path("gzip-go/truncated/" + name)) }
    }
    #expect(try readBothWays(Vectors.path("gzip-go/truncated/full.gz")).text == Array("hello, world".utf8))
  }

  /// Rows behind the header of a dump's text; 0 rows in all is no header.
  private func rowsBehindHeader(_ path: String) throws -> Int {
    let rows = String(decoding: try readBothWays(path).text, as: UTF8.self).split(separator: "\n").count
    struct NoHeader: Error {}
    if rows == 0 { throw NoHeader() }
    return rows - 1
  }

  @Test func `every derived vector is accepted with its rows or refused, as expected says`() throws {
    let text = "id,customer,amount\n1,c1,10.00\n2,c2,20.50\n3,c3,0.01\n"
    var seen = 0
    for line in try Vectors.table("gzip-derived/expected.tsv") {
      var path = Vectors.path("gzip-derived/" + line[0])
      if line[0] == "10000-empty-members.gz" {
        path = try folder.write(line[0], Array(repeatElement(storedGzip([]), count: 10_000).joined()) + gzip(text))
      } else if line[0] == "flg-fname-4MiB.gz" {
        let member = try gzip(text)
        path = try folder.write(
          line[0], [0x1F, 0x8B, 8, 8] + member[4..<10] + [UInt8](repeating: 110, count: 4 << 20) + [0] + member[10...])
      }
      seen += 1
      switch line[1] {
      case "accept", "accept-or-limit", "reject-or-accept":
        #expect(try rowsBehindHeader(path) == (line[2].hasPrefix("4") && line[1] == "accept" ? 4 : 3), "\(line[0])")
      case "reject", "reject-or-warn":
        #expect(throws: (any Error).self, "\(line[0])") { try rowsBehindHeader(path) }
      default: Issue.record("\(line[0]): \(line[1])")
      }
    }
    #expect(seen == 45)
  }

  @Test func `zero padding behind the data is counted, and nothing else is allowed there`() throws {
    #expect(try readBothWays(Vectors.path("gzip-derived/trailing-zeros-50.gz")).facts.trailingZeros == 50)
    let fault = #expect(throws: GzipFault.self) { try readBothWays(Vectors.path("gzip-derived/trailing-garbage.gz")) }
    #expect(fault?.offset == 70)
  }

  @Test func `a text that is gzip again is refused, however little of it comes at a time`() throws {
    let path = try folder.write("twice.csv.gz", try gzip(try gzip("a,b\n1,2\n")))
    for pieceBytes in 1...40 {
      let fault = #expect(throws: GzipFault.self) { try readText(path, pipelined: false, pieceBytes: pieceBytes) }
      #expect(fault?.reason == "the text is gzip again: compressed twice", "in pieces of \(pieceBytes) bytes")
    }
  }

  // MARK: damage

  @Test func `each single bit flipped in a small dump is refused or changes no byte of the text`() throws {
    let sound = try Vectors.read("gzip-derived/two-members.gz")
    let text = try read(sound).text
    var refused = 0
    for bit in 0..<sound.count * 8 {
      var bytes = sound
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let flipped = try read(bytes)
        // Without its magic a dump is plain text: not gzip any more, and nothing that has the header.
        if flipped.facts.isGzip { #expect(flipped.text == text, "bit \(bit)") } else { #expect(bit < 16 && flipped.text == bytes) }
      } catch is GzipFault { refused += 1 }
    }
    #expect(refused > 500)
  }

  @Test func `a file of two members cut at any byte but their border is refused`() throws {
    let first = try gzip("id,customer\n1,a\n"), second = try gzip("2,b\n3,c\n")
    for count in 0..<(first + second).count {
      let cut = Array((first + second).prefix(count))
      if count == first.count {
        #expect(try read(cut).text == Array("id,customer\n1,a\n".utf8))
      } else {
        #expect(throws: GzipFault.self, "cut at \(count)") { try read(cut) }
      }
    }
  }

  // MARK: sizes

  @Test(arguments: [0, 1, 6, 9] as [Int32])
  func `texts that end about the border of a piece come out whole, whatever the compressor made of them`(level: Int32) throws {
    var random = Seeded(UInt64(level) + 1)
    let noise = random.bytes(2 * pieceBytes + 64, from: Array(0...255)), dull = [UInt8](repeating: 97, count: 2 * pieceBytes + 64)
    let mixed = (0..<2 * pieceBytes + 64).map { $0 / 1000 % 2 == 0 ? noise[$0] : 98 }
    for border in [pieceBytes, 2 * pieceBytes] {
      for count in (border - 9)...(border + 9) {
        for whole in [noise, dull, mixed] {
          let text = Array(whole.prefix(count)), file = try folder.write("a.gz", gzip(text, level: level))
          let (found, facts) = try readText(file, pipelined: count % 2 == 0)
          #expect(found == text, "\(count)")
          #expect(facts.textBytes == Int64(count))
        }
      }
    }
  }

  @Test func `members of one byte each give the text that one member gives, and the same CRC`() throws {
    var random = Seeded(7)
    let text = random.bytes(5000, from: Array(0...255))
    let split = try read(Array(text.map { storedGzip([$0]) }.joined())), whole = try read(gzip(text))
    #expect(split.text == text && whole.text == text)
    #expect(split.facts.textCRC == whole.facts.textCRC && whole.facts.textCRC == slowCRC32(text))
    #expect(split.facts.textBytes == 5000)
  }

  @Test func `the CRC over members of any sizes is the CRC of the whole text`() throws {
    var random = Seeded(8)
    let text = random.bytes(700_000, from: Array("a,\n0123456789".utf8))
    var bytes: [UInt8] = [], start = 0
    while start < text.count {
      let count = min(text.count - start, Int(random.next() % 100_000))
      bytes += try random.next() % 2 == 0 ? gzip(Array(text[start..<start + count])) : storedGzip(Array(text[start..<start + count]))
      start += count
    }
    let (found, facts) = try read(bytes)
    #expect(found == text)
    #expect(facts.textCRC == slowCRC32(text))
  }

  @Test func `the SHA-256 is that of the file's bytes, by another reader and another call`() throws {
    var random = Seeded(9)
    for count in [1, 63, 64, 65, 262_143, 262_144, 262_145, 600_000] {
      let text = random.bytes(count, from: Array(0x20...0x7E)), packed = try gzip(text)
      for bytes in [text, packed, packed + [0, 0, 0]] {
        let expected = SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(try read(bytes).facts.sha256 == expected)
        #expect(try InputFile.sha256(of: folder.path + "/dump.gz") == expected)
        #expect(sha256(bytes) == expected)
      }
    }
  }

  @Test func `plain text is taken as it is, and said to be plain`() throws {
    let (text, facts) = try read(Array("id,customer\n1,a\n".utf8))
    #expect(text == Array("id,customer\n1,a\n".utf8))
    #expect(!facts.isGzip && facts.textBytes == 16 && facts.fileBytes == 16 && facts.textCRC == slowCRC32(text))
  }

  @Test func `a text 400 times its file is refused beyond 256 MiB, with the limit named, and not below`() throws {
    let row = Array((String(repeating: "a", count: 1023) + "\n").utf8), piece = Array(repeatElement(row, count: 1024).joined())
    func file(_ mebibytes: Int) throws -> String {
      let path = folder.path + "/\(mebibytes).gz", writer = try GzipWriter(path: path, level: 9)
      for _ in 0..<mebibytes { try writer.write(piece.span) }
      _ = try writer.finish()
      return path
    }
    func textBytes(_ path: String) throws -> Int {
      let source = TextSource(file: try InputFile(path: path), rowBytesMax: 4096, pipelined: false)
      var used = 0, total = 0
      while let chunk = try source.next(usedUpTo: used) {
        used = chunk.textEnd
        total += chunk.textCount
        try #require(total <= 257 << 20)
      }
      return total
    }
    #expect(try textBytes(file(255)) == 255 << 20)
    let fault = #expect(throws: GzipFault.self) { try textBytes(file(300)) }
    #expect(fault?.reason.contains("400 times") == true)
  }
}
