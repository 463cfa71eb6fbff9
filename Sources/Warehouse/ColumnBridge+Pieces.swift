// The table is made piece by piece, on all cores, while SQLite reads it from front to back; a piece that was read makes room for a later one.
//
// The pieces hang on a spine: one page each, whose last child is the next piece's. SQLite looks at a page of the spine when it has read all
// before it, and so nothing of a piece needs to be known before. A cursor holds at most 20 levels, which bounds the number of pieces.
import Columns
import Dispatch
import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// A database of SQLite's file format that holds one table, for one reader.
@safe final class TableImage: @unchecked Sendable {
  // Safety: a room belongs to the thread that makes the piece in it, until `Progress` says that it is made.
  static let pieceCountMax = 12
  private static let pieceRowsMin = 8192
  /// Beyond one a thread: how far those threads may be ahead while the connection is busy with something else.
  private static let roomsAhead = 2

  private struct Progress {
    var begun = 0
    var made: [Bool]
    /// Of the piece that SQLite reads; the ones before are gone.
    var reading = 0
    var fault: (any Error)?
  }
  private let pinned: PinnedColumns
  private let definition: TableDefinition
  private let records: RecordRoom
  private let rowCount: Int
  private let pieceCount: Int
  /// The schema and the spine, and the pieces at hand: piece i stands in room i mod their number.
  private let head: PageRoom
  /// Empty once all is read.
  private var rooms: [PageRoom]
  private let pagesPerPiece: Int
  private let progress: Mutex<Progress>
  /// Tells the reader of each piece that another thread has made, and those threads of each step of the reader.
  private let wasMade = DispatchSemaphore(value: 0)
  private let wasRead = DispatchSemaphore(value: 0)
  private let workers = DispatchGroup()
  private let workerCount: Int

  init(_ pinned: PinnedColumns, _ definition: TableDefinition, _ records: RecordRoom, threads: Int) throws {
    (self.pinned, self.definition, self.records) = (pinned, definition, records)
    rowCount = unsafe pinned.order.count
    pieceCount = min(max(1, rowCount / Self.pieceRowsMin), Self.pieceCountMax)
    let capacity = records.pageCountMax(rows: (rowCount + pieceCount - 1) / pieceCount)
    pagesPerPiece = capacity
    head = try PageRoom(capacity: 1 + pieceCount)
    rooms = try (0..<min(max(1, threads) + Self.roomsAhead, pieceCount)).map { _ in try PageRoom(capacity: capacity) }
    workerCount = min(max(1, threads), rooms.count) - 1
    progress = Mutex(Progress(made: [Bool](repeating: false, count: pieceCount)))
    try writeSchema()
  }

  /// Lets the other threads begin. `stop` must follow before the columns go.
  func start() {
    for _ in 0..<workerCount { DispatchQueue.global(qos: .userInitiated).async(group: workers) { self.work() } }
  }

  /// Returns when no other thread looks at the columns any more; what was not read yet can not be read.
  /// - Throws: what kept a piece from being made.
  func stop() throws {
    let fault = progress.withLock { progress in
      progress.begun = pieceCount
      return progress.fault
    }
    for _ in 0..<workerCount { wasRead.signal() }
    workers.wait()
    // SQLite keeps the file until the transaction ends. What the pieces stood in can go into the log until then.
    rooms = []
    if let fault { throw fault }
  }

  /// Of the file, which stands nowhere as a whole.
  var byteCount: Int64 { Int64(pageCount) * Int64(ImagePage.byteCount) }
  var firstBytes: UnsafeMutablePointer<UInt8> { unsafe head.start }
  private var pageCount: Int { firstPage(of: pieceCount) - 1 }
  /// The pieces' pages lie behind the one that SQLite leaves empty; that nothing stands before it but the head costs nothing.
  private func firstPage(of piece: Int) -> Int { ImagePage.lockNumber + 1 + piece * pagesPerPiece }

  /// Copies a part of a page, as SQLite asks for it; waits until the page is made.
  /// - Returns: false where there is none.
  func read(_ bytes: Int, at offset: Int64, into place: UnsafeMutableRawPointer) -> Bool {
    guard bytes >= 0, offset >= 0, offset + Int64(bytes) <= byteCount else { return false }
    let number = Int(offset) / ImagePage.byteCount + 1, within = Int(offset) % ImagePage.byteCount
    guard within + bytes <= ImagePage.byteCount else { return false }
    var room = head
    if number >= firstPage(of: 0) {
      let piece = (number - firstPage(of: 0)) / pagesPerPiece
      guard !rooms.isEmpty, waitUntilMade(piece) else { return false }
      room = rooms[piece % rooms.count]
    } else if number > 1 {
      guard number < 2 + pieceCount, waitUntilMade(number - 2) else { return false }
    }
    // Safety: part of one page, which no other thread writes to any more; `place` has room for it, as SQLite promises.
    unsafe memcpy(place, room.bytes(of: UInt32(number)) + within, bytes)
    return true
  }

  /// Makes later pieces while another thread makes the one asked for.
  private func waitUntilMade(_ piece: Int) -> Bool {
    let steps = progress.withLock { progress in
      if piece <= progress.reading { return 0 }
      progress.reading = piece
      return workerCount
    }
    for _ in 0..<steps { wasRead.signal() }
    while true {
      let (isMade, isGone) = progress.withLock { ($0.made[piece], $0.fault != nil || piece < $0.reading) }
      if isGone { return false }
      if isMade { return true }
      if let next = begin() { make(next) } else { wasMade.wait() }
    }
  }

  private func work() {
    while progress.withLock({ $0.begun < pieceCount && $0.fault == nil }) {
      guard let piece = begin() else {
        wasRead.wait()
        continue
      }
      make(piece)
      wasMade.signal()
    }
  }

  /// The next piece that nobody has begun, where there is room for it.
  private func begin() -> Int? {
    progress.withLock { progress in
      guard progress.begun < pieceCount, progress.begun < progress.reading + rooms.count else { return nil }
      progress.begun += 1
      return progress.begun - 1
    }
  }

  private func make(_ piece: Int) {
    do {
      let room = rooms[piece % rooms.count], isLast = piece == pieceCount - 1
      room.reuse(firstNumber: UInt32(firstPage(of: piece)))
      let rows = rowCount * piece / pieceCount..<rowCount * (piece + 1) / pieceCount
      let spine = unsafe ImagePage(start: head.bytes(of: UInt32(2 + piece)), number: UInt32(2 + piece), header: 12)
      try pinned.makePiece(rows, of: definition, spine: spine, isLast: isLast, records, room)
      progress.withLock { $0.made[piece] = true }
    } catch {
      progress.withLock { if $0.fault == nil { $0.fault = error } }
    }
  }

  /// The file's header, and the schema of the one table.
  private func writeSchema() throws {
    var page = try head.page(header: ImagePage.fileHeader + 8)
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
    // These types take less than 127 bytes, so the header's length is one byte. The table's root is the first page of the spine.
    let record = [UInt8(types.count + 1)] + types + texts.joined() + ImagePage.bigEndian(2) + sql
    append(record.count, to: &cell)
    append(1, to: &cell)
    page.append(cell + record)
    page.finish(type: 13)
    // https://www.sqlite.org/fileformat2.html#the_database_header
    var header = Array("SQLite format 3\0".utf8) + [0, 1, 1, 1, 0, 64, 32, 32]
    for number: UInt32 in [1, UInt32(pageCount), 0, 0, 1, 4, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3_040_000] {
      header += ImagePage.bigEndian(number)
    }
    for (i, byte) in header.enumerated() { unsafe head.start[i] = byte }
  }
}

extension RecordRoom {
  /// How many pages so many of the rows can fill, whichever they are. A full page holds at least half of its bytes in cells; a record that is
  /// too long for it fills pages of its own but for the last.
  func pageCountMax(rows: Int) -> Int {
    let all = plain * rows + texts
    return 16 + all / (ImagePage.byteCount / 3) + (recordBytesMax <= ImagePage.recordBytesMax ? 0 : all / (ImagePage.recordBytesMax / 2))
  }
}
