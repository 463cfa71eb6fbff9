// Records in pages of SQLite's file format: https://www.sqlite.org/fileformat2.html#b_tree_pages
import Columns
import GRDB
import Glibc

/// Memory for pages with numbers in a row, given out one by one to the thread that fills them.
@safe final class PageRoom: @unchecked Sendable {
  // Safety: `capacity` pages, mapped here, unmapped in deinit. A page belongs to the thread that took it, until its piece is handed over.
  let start: UnsafeMutablePointer<UInt8>
  let capacity: Int
  /// Of the first page.
  private(set) var firstNumber: UInt32 = 1
  private var taken = 0

  /// Reserves addresses only: pages that nobody writes to take no memory.
  init(capacity: Int) throws {
    self.capacity = capacity
    let bytes = capacity * ImagePage.byteCount
    let place = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let place = unsafe place, unsafe place != MAP_FAILED else {
      throw DatabaseError(resultCode: .SQLITE_NOMEM, message: "no room for \(bytes) bytes of rows")
    }
    unsafe start = place.bindMemory(to: UInt8.self, capacity: bytes)
  }

  deinit { unsafe munmap(start, capacity * ImagePage.byteCount) }

  /// Begins anew; what the pages held is overwritten.
  func reuse(firstNumber: UInt32) { (self.firstNumber, taken) = (firstNumber, 0) }

  /// - Throws: 70 where the columns take more room than they said, which those do that name a row twice.
  func page(header: Int) throws -> ImagePage {
    guard taken < capacity else { throw PipelineError(.internalError, "the rows take more room than their columns said") }
    taken += 1
    return unsafe ImagePage(
      start: start + (taken - 1) * ImagePage.byteCount, number: firstNumber + UInt32(taken - 1), header: header)
  }

  /// A page of the room by its number, whether taken or not.
  func bytes(of number: UInt32) -> UnsafeMutablePointer<UInt8> {
    precondition(number >= firstNumber && number - firstNumber < UInt32(capacity))
    // Safety: the number was just checked.
    return unsafe start + Int(number - firstNumber) * ImagePage.byteCount
  }
}

/// A page that is being filled: pointers from the front, cells from the back.
@safe struct ImagePage {
  static let byteCount = 65_536
  static let fileHeader = 100
  /// The page at 1 GiB holds SQLite's locks, and nothing else.
  static let lockNumber = 0x4000_0000 / byteCount + 1
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
  mutating func append(_ record: borrowing RowRecord, _ room: PageRoom) throws -> Bool {
    let bytes = record.byteCount
    if bytes > Self.recordBytesMax { return try appendLong(record, room) }
    guard let place = unsafe place(bytes + (bytes < 128 ? 1 : Varint.count(bytes))) else { return false }
    let size = unsafe Varint.put(bytes, place)
    unsafe record.write(to: place + size)
    return true
  }

  private mutating func appendLong(_ record: borrowing RowRecord, _ room: PageRoom) throws -> Bool {
    let bytes = record.byteCount, inPage = Self.byteCount - 4
    let fitting = Self.recordBytesMin + (bytes - Self.recordBytesMin) % inPage
    let kept = fitting <= Self.recordBytesMax ? fitting : Self.recordBytesMin
    guard let place = unsafe place(Varint.count(bytes) + kept + 4) else { return false }
    // Safety: as many bytes as the record has.
    try unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { whole in
      unsafe record.write(to: whole.baseAddress!)
      let size = unsafe Varint.put(bytes, place)
      unsafe memcpy(place + size, whole.baseAddress!, kept)
      var done = kept, link = unsafe place + size + kept
      while done < bytes {
        let page = try room.page(header: 0), count = min(inPage, bytes - done)
        unsafe UnsafeMutableRawPointer(link).storeBytes(of: page.number.bigEndian, as: UInt32.self)
        unsafe memcpy(page.start + 4, whole.baseAddress! + done, count)
        done += count
        unsafe link = unsafe page.start
      }
      // The last page leads nowhere.
      unsafe UnsafeMutableRawPointer(link).storeBytes(of: 0, as: UInt32.self)
    }
    return true
  }

  /// Becomes a copy of another page, but for the number.
  func copy(_ other: ImagePage) { unsafe start.update(from: other.start, count: Self.byteCount) }

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
    // The memory may have held another page: no free blocks, no fragments.
    unsafe start[place] = type
    put(0, at: place + 1)
    put(UInt16(truncatingIfNeeded: cellCount), at: place + 3)
    // 0 stands for 65,536.
    put(UInt16(truncatingIfNeeded: top), at: place + 5)
    unsafe start[place + 7] = 0
    if type == 2 { unsafe UnsafeMutableRawPointer(start + place + 8).storeBytes(of: lastChild.bigEndian, as: UInt32.self) }
  }
}
