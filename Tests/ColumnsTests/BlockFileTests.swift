import Buffers
import Columns
import Foundation
import TestSupport
import Testing

@Suite struct BlockFileTests {
  let folder: TemporaryFolder
  let magic: UInt64 = 0x1122_3344_5566_7788

  init() throws { folder = try TemporaryFolder() }

  private let integers: [[Int64]] = [
    [], [5], [1, 2, 3, PackedIntegers.null, 300], Array(0..<1000), [Int64.max, Int64.min + 1], [PackedIntegers.null, PackedIntegers.null],
    (0..<77).map { $0 * 1_000_003 },
  ]
  private let texts: [[UInt8]] = [[], [1], Array("dump".utf8), [UInt8](repeating: 7, count: 1001)]

  private func file(version: UInt32 = 3, meta: String = "{\"é\":1}", magic: UInt64? = nil) throws -> String {
    let path = folder.path + "/a.blocks", writer = try BlockFileWriter(path: path, magic: magic ?? self.magic, version: version)
    try writer.append(integers.map { PackedBlock(PackedIntegers($0.span)) })
    try writer.append(texts.map { PackedBlock(bytes: $0, count: $0.count) })
    try writer.finish(meta: meta)
    #expect(!FileManager.default.fileExists(atPath: path))
    try writer.publish(as: path)
    return path
  }

  private func open(_ path: String) throws -> BlockFile { try BlockFile(path: path, magic: magic, version: 3) }

  @Test func `blocks and meta come back as they were written`() throws {
    let file = try open(file())
    #expect(file.meta == "{\"é\":1}" && file.entries.count == integers.count + texts.count)
    for (i, values) in integers.enumerated() {
      #expect(try file.integers(i, as: Int64.self) == values)
      for (k, value) in values.enumerated() { #expect(file.integer(i, at: k) == value) }
      #expect(file.integer(i, at: values.count) == nil && file.integer(i, at: -1) == nil)
    }
    for (i, bytes) in texts.enumerated() {
      #expect(try file.plain(integers.count + i, as: UInt8.self) == bytes)
      #expect(file.slice(integers.count + i, from: 0, to: bytes.count, as: UInt8.self) == bytes)
      #expect(file.slice(integers.count + i, from: 0, to: bytes.count + 1, as: UInt8.self) == nil)
      #expect(file.slice(integers.count + i, from: 1, to: 0, as: UInt8.self) == nil)
    }
    #expect(file.problems() == [])
    #expect(throws: PipelineError.self) { try file.integers(99, as: Int64.self) }
    #expect(try folder.names() == ["a.blocks"])
  }

  @Test func `blocks of megabytes, beside small ones, come back`() throws {
    var random = Seeded(61)
    let blocks = [1, 262_143, 262_144, 262_145, 3, 1_000_001, 8].map { random.bytes($0, from: Array(0...255)) }
    let path = folder.path + "/large", writer = try BlockFileWriter(path: path, magic: magic, version: 3)
    for block in blocks { try writer.append([PackedBlock(bytes: block, count: block.count)]) }
    try writer.append(blocks.map { PackedBlock(bytes: $0, count: $0.count) })
    try writer.finish(meta: "")
    try writer.publish(as: path)
    let file = try open(path)
    for (i, block) in (blocks + blocks).enumerated() {
      let same = try file.plain(i, as: UInt8.self) == block
      #expect(same && file.entries[i].offset % 8 == 0)
    }
    #expect(file.problems() == [])
  }

  @Test func `300 single bits flipped anywhere are all found, on opening or when the blocks are checked`() throws {
    let sound = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file())))
    var random = Seeded(62)
    // Every bit of what opening reads, and 300 anywhere.
    let bits = Array(0..<128) + (0..<300).map { _ in Int(random.next() % UInt64(sound.count * 8)) } + Array((sound.count - 64) * 8..<sound.count * 8)
    for bit in bits {
      var bytes = sound
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try folder.write("flipped", bytes)
      guard let file = try? open(path) else { continue }
      #expect(!file.problems().isEmpty, "bit \(bit) of \(sound.count * 8)")
      // What can still be read is what was written.
      for (i, values) in integers.enumerated() {
        if let found = try? file.integers(i, as: Int64.self) { #expect(found == values, "bit \(bit)") }
      }
    }
  }

  @Test func `a file cut at any length is refused when it is opened`() throws {
    let sound = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file())))
    for count in 0..<sound.count {
      let path = try folder.write("cut", Array(sound.prefix(count)))
      let error = #expect(throws: PipelineError.self, "\(count)") { try open(path) }
      #expect(error?.exit == .badInput && error?.message.contains(path) == true)
    }
  }

  @Test func `a newer version is refused by name and version, another kind of file too`() throws {
    let newer = try file(version: 4)
    let error = #expect(throws: PipelineError.self) { try open(newer) }
    #expect(error?.message == "\(newer): written in format version 4, this holdfast reads version 3" && error?.exit == .badInput)
    try FileManager.default.removeItem(atPath: newer)
    let other = try file(magic: 1)
    #expect(throws: PipelineError.self) { try open(other) }
    #expect(throws: PipelineError.self) { try open(folder.path + "/nowhere") }
    #expect(throws: PipelineError.self) { try open(folder.path) }
  }

  @Test func `a writer that goes before it publishes leaves nothing behind`() throws {
    do {
      let writer = try BlockFileWriter(path: folder.path + "/b", magic: magic, version: 3)
      try writer.append([PackedBlock(bytes: [1, 2, 3], count: 3)])
      try writer.finish(meta: "")
      #expect(try folder.names() == ["b.tmp"])
    }
    #expect(try folder.names() == [])
  }
}
