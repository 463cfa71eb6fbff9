import Buffers
import Foundation
import Testing

@Suite struct GzipWriterTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// Text that compresses little, so that zlib's output fills its buffer again and again.
  private func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return 33 + UInt8(truncatingIfNeeded: state >> 32) % 90
    }
  }

  @Test(arguments: [0, 1, 1000, 262_144, 3_000_000], [1, 6, 9] as [Int32])
  func `gzip reads back what was written, in pieces of any size`(count: Int, level: Int32) throws {
    let text = noise(count)
    let writer = try GzipWriter(path: folder.path + "/a.gz", level: level)
    var start = 0
    var piece = 1
    while start < count {
      let end = min(count, start + piece)
      try writer.write(text.span.extracting(start..<end))
      start = end
      piece *= 7
    }
    let size = try writer.finish()
    #expect(writer.textByteCount == count)
    #expect(try folder.text("a.gz") == String(decoding: text, as: UTF8.self))
    #expect(try folder.bytes("a.gz").count == Int(size))
    #expect(try folder.names() == ["a.gz"])
  }

  @Test func `the header holds neither name, time nor system`() throws {
    let writer = try GzipWriter(path: folder.path + "/a.gz")
    _ = try writer.finish()
    #expect(try Array(folder.bytes("a.gz").prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
  }

  @Test func `a writer that is dropped leaves the old file and nothing else`() throws {
    try Data("old".utf8).write(to: URL(fileURLWithPath: folder.path + "/a.gz"))
    do {
      let writer = try GzipWriter(path: folder.path + "/a.gz")
      try writer.write(noise(1_000_000).span)
    }
    #expect(try folder.names() == ["a.gz"])
    #expect(try folder.bytes("a.gz") == Data("old".utf8))
  }

  @Test func `a folder that is missing and a level that is none are faults`() throws {
    let fault = try #require(throws: SystemFault.self) { _ = try GzipWriter(path: folder.path + "/none/a.gz") }
    #expect(fault.code == ENOENT && fault.path.contains("none/a.gz"))
    #expect(throws: SystemFault.self) { _ = try GzipWriter(path: folder.path + "/a.gz", level: 10) }
    #expect(try folder.names().isEmpty)
  }
}
