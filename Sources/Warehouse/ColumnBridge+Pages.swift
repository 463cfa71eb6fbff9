// Records in pages of SQLite's file format: https://www.sqlite.org/fileformat2.html#b_tree_pages
import Columns
import GRDB
import Glibc
import Synchronization

/// A database of SQLite's file format in memory. Its pages are given out one by one, to any thread.
@safe final class TableImage: @unchecked Sendable {
  // Safety: a page belongs to the thread that took it, until the image is whole.
  let start: UnsafeMutablePointer<UInt8>
  private let pageCountMax: Int
  /// The first page holds the schema.
  private let taken = Atomic<Int>(1)
  private let staysMapped = Atomic<Bool>(false)

  /// Reserves addresses only: pages that nobody writes to take no memory.
  init(pageCountMax: Int) throws {
    self.pageCountMax = pageCountMax
    let bytes = pageCountMax * ImagePage.byteCount
    let place = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let place = unsafe place, unsafe place != MAP_FAILED else {
      throw DatabaseError(resultCode: .SQLITE_NOMEM, message: "no room for \(bytes) bytes of rows")
    }
    unsafe start = place.bindMemory(to: UInt8.self, capacity: bytes)
  }

  deinit {
    if !staysMapped.load(ordering: .relaxed) { unsafe munmap(start, pageCountMax * ImagePage.byteCount) }
  }

  /// For a connection that could not let go of it.
  func outliveEverything() { staysMapped.store(true, ordering: .relaxed) }

  var byteCount: Int64 { Int64(min(taken.load(ordering: .acquiring), pageCountMax)) * Int64(ImagePage.byteCount) }

  /// - Throws: 70 where the columns take more room than they said, which those do that name a row twice.
  func page(header: Int) throws -> ImagePage {
    let index = taken.wrappingAdd(1, ordering: .relaxed).oldValue
    guard index < pageCountMax else {
      throw PipelineError(.internalError, "the rows take more room than their columns said")
    }
    return unsafe ImagePage(start: start + index * ImagePage.byteCount, number: UInt32(index + 1), header: header)
  }

  /// The file's header, and the schema of the one table.
  func finish(_ definition: TableDefinition, rootPage: UInt32) {
    var page = unsafe ImagePage(start: start, number: 1, header: ImagePage.fileHeader + 8)
    let texts = ["table", definition.name, definition.name].map { Array($0.utf8) }, sql = Array(definition.createSQL.utf8)
    var cell: [UInt8] = [], types: [UInt8] = []
    func append(_ value: Int, to bytes: inout [UInt8]) {
      // Safety: a varint is no longer than that.
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Varint.bytesMax) { place in
        let count = unsafe Varint.put(value, place.baseAddress!)
        unsafe bytes += place.prefix(count)
      }
    }
    for text in texts { append(13 + 2 * text.count, to: &types) }
    types.append(4)
    append(13 + 2 * sql.count, to: &types)
    // These types take less than 127 bytes, so the header's length is one byte.
    let record = [UInt8(types.count + 1)] + types + texts.joined() + ImagePage.bigEndian(rootPage) + sql
    append(record.count, to: &cell)
    append(1, to: &cell)
    page.append(cell + record)
    page.finish(type: 13)
    // https://www.sqlite.org/fileformat2.html#the_database_header
    var header = Array("SQLite format 3\0".utf8) + [0, 1, 1, 1, 0, 64, 32, 32]
    let pages = UInt32(byteCount / Int64(ImagePage.byteCount))
    for number: UInt32 in [1, pages, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3_040_000] { header += ImagePage.bigEndian(number) }
    for (i, byte) in header.enumerated() { unsafe start[i] = byte }
  }
}

/// A page that is being filled: pointers from the front, cells from the back.
@safe struct ImagePage {
  static let byteCount = 65_536
  static let fileHeader = 100
  /// What a page of an index keeps of a longer record is at most this, and at least that.
  static let recordBytesMax = (byteCount - 12) * 64 / 255 - 23
  private static let recordBytesMin = (byteCount - 12) * 32 / 255 - 23
  // Safety: `byteCount` bytes, those of this page alone.
  private let start: UnsafeMutablePointer<UInt8>
  let number: UInt32
  private let header: Int
  private(set) var cellCount = 0
  private var top = byteCount
  private var lastCellBytes = 0

  init(start: UnsafeMutablePointer<UInt8>, number: UInt32, header: Int) {
    unsafe self.start = start
    self.number = number
    self.header = header
  }

  static func bigEndian(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

  /// Room for a cell of so many bytes; nil: the page is full.
  @inline(__always)
  private mutating func place(_ bytes: Int) -> UnsafeMutablePointer<UInt8>? {
    let pointer = header + 2 * cellCount
    guard top - bytes >= pointer + 2 else { return nil }
    top -= bytes
    lastCellBytes = bytes
    cellCount += 1
    put(UInt16(truncatingIfNeeded: top), at: pointer)
    return unsafe start + top
  }

  @inline(__always)
  private func put(_ number: UInt16, at offset: Int) {
    unsafe start[offset] = UInt8(truncatingIfNeeded: number >> 8)
    unsafe start[offset + 1] = UInt8(truncatingIfNeeded: number)
  }

  /// - Returns: false where the page is full.
  @discardableResult
  mutating func append(_ cell: [UInt8]) -> Bool {
    guard let place = unsafe place(cell.count) else { return false }
    for (i, byte) in cell.enumerated() { unsafe place[i] = byte }
    return true
  }

  /// Appends a record; what a page does not hold of a long one goes into pages of its own.
  /// - Returns: false where the page is full.
  @inline(__always)
  mutating func append(_ record: borrowing RowRecord, _ image: TableImage) throws -> Bool {
    let bytes = record.byteCount
    if bytes > Self.recordBytesMax { return try appendLong(record, image) }
    guard let place = unsafe place(bytes + (bytes < 128 ? 1 : Varint.count(bytes))) else { return false }
    let size = unsafe Varint.put(bytes, place)
    unsafe record.write(to: place + size)
    return true
  }

  private mutating func appendLong(_ record: borrowing RowRecord, _ image: TableImage) throws -> Bool {
    let bytes = record.byteCount, room = Self.byteCount - 4
    let fitting = Self.recordBytesMin + (bytes - Self.recordBytesMin) % room
    let kept = fitting <= Self.recordBytesMax ? fitting : Self.recordBytesMin
    guard let place = unsafe place(Varint.count(bytes) + kept + 4) else { return false }
    // Safety: as many bytes as the record has.
    try unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { whole in
      unsafe record.write(to: whole.baseAddress!)
      let size = unsafe Varint.put(bytes, place)
      unsafe memcpy(place + size, whole.baseAddress!, kept)
      var done = kept, link = unsafe place + size + kept
      while done < bytes {
        let page = try image.page(header: 0), count = min(room, bytes - done)
        unsafe UnsafeMutableRawPointer(link).storeBytes(of: page.number.bigEndian, as: UInt32.self)
        unsafe memcpy(page.start + 4, whole.baseAddress! + done, count)
        done += count
        unsafe link = unsafe page.start
      }
    }
    return true
  }

  /// Takes the last cell off the page.
  mutating func removeLast() -> [UInt8] {
    let cell = unsafe Array(UnsafeBufferPointer(start: start + top, count: lastCellBytes))
    top += lastCellBytes
    cellCount -= 1
    return cell
  }

  /// - Parameter type: 13 and 10 are leaves of tables and indexes, 2 is an inner page of an index, which leads on to `lastChild`.
  func finish(type: UInt8, lastChild: UInt32 = 0) {
    let place = number == 1 ? Self.fileHeader : 0
    unsafe start[place] = type
    put(UInt16(truncatingIfNeeded: cellCount), at: place + 3)
    // 0 stands for 65,536.
    put(UInt16(truncatingIfNeeded: top), at: place + 5)
    if type == 2 { unsafe UnsafeMutableRawPointer(start + place + 8).storeBytes(of: lastChild.bigEndian, as: UInt32.self) }
  }
}
