// A table without rowid is an index of whole records: leaves full of them, and between two leaves one record that stands in the page above.
import Buffers
import Columns
import Glibc

/// Pages of one level of a piece, from left to right, and the cells that stand between two neighbours in the level above.
struct ImageLevel: Sendable {
  var pages: [UInt32] = []
  var dividers: [[UInt8]] = []

  /// What the dividers take in a page above: each with a child's number, and a pointer to both.
  var cellBytes: Int { dividers.reduce(0) { $0 + $1.count + 6 } }
}

extension PinnedColumns {
  private static let blockRows = 256

  /// Some rows as a part of the table that `definition` defines. Its page of the spine leads to them and, unless they are the last ones, on
  /// to the page after it.
  /// - Throws: 70 where the first column alone is the key and does not rise from row to row.
  func makePiece(
    _ rows: Range<Int>, of definition: TableDefinition, spine: ImagePage, isLast: Bool, _ records: RecordRoom, _ room: PageRoom
  ) throws {
    var (level, leaf) = try leaves(rows, of: definition, isLast: isLast, room, records), spine = spine
    // A page above others needs a cell of its own.
    if isLast, level.pages.count == 1 { return spine.copy(leaf) }
    let last = isLast ? nil : level.dividers.removeLast()
    while level.cellBytes + (last.map { $0.count + 6 } ?? 0) > ImagePage.byteCount - 12 { level = try above(level, room) }
    for (child, divider) in zip(level.pages, level.dividers + (last.map { [$0] } ?? [])) {
      spine.append(ImagePage.bigEndian(child) + divider)
    }
    spine.finish(type: 2, lastChild: isLast ? level.pages[level.pages.count - 1] : spine.number + 1)
  }

  /// Leaves of some rows, and the last leaf. Unless they are the last ones, the last row is the divider between these leaves and the next.
  private func leaves(
    _ rows: Range<Int>, of definition: TableDefinition, isLast: Bool, _ room: PageRoom, _ records: RecordRoom
  ) throws -> (ImageLevel, last: ImagePage) {
    let isKeyFirst = definition.key.count == 1
    let columnCount = unsafe sources.count
    // Safety: a block of so many rows and one before them, of one cell a column, filled before it is read.
    let block = UnsafeMutablePointer<Cell>.allocate(capacity: (Self.blockRows + 1) * columnCount)
    defer { unsafe block.deallocate() }
    var level = ImageLevel(), leaf = try room.page(header: 8), record = RowRecord(records)
    /// - Parameter divider: nil where the last row of the leaf itself moves up, so that neither it nor the next one is empty.
    func close(_ leaf: inout ImagePage, divider: [UInt8]? = nil) {
      level.dividers.append(divider ?? leaf.removeLast())
      level.pages.append(leaf.number)
      leaf.finish(type: 10)
    }
    var first = rows.lowerBound
    while first < rows.upperBound {
      // The row before comes first, for its key.
      let lead = isKeyFirst && first > 0 ? 1 : 0, count = lead + min(Self.blockRows, rows.upperBound - first)
      unsafe gather(order.baseAddress! + first - lead, count: count, into: block)
      if isKeyFirst { try unsafe requireRisingKeys(block, count, of: definition) }
      for row in lead..<count {
        unsafe record.make(block + row * columnCount, count: columnCount)
        if try leaf.append(record, room) { continue }
        let isLastOfChunk = first + row - lead == rows.upperBound - 1
        var next = try room.page(header: 8)
        _ = try next.append(record, room)
        if isLastOfChunk, !isLast {
          close(&leaf, divider: next.removeLast())
          return (level, leaf)
        }
        close(&leaf)
        leaf = next
      }
      first += count - lead
    }
    if isLast {
      leaf.finish(type: 10)
      level.pages.append(leaf.number)
    } else {
      close(&leaf)
    }
    return (level, leaf)
  }

  private func above(_ level: ImageLevel, _ room: PageRoom) throws -> ImageLevel {
    var result = ImageLevel(), page = try room.page(header: 12)
    for (i, divider) in level.dividers.enumerated() {
      let cell = ImagePage.bigEndian(level.pages[i]) + divider
      if page.append(cell) { continue }
      // The last divider of the full page moves up; the child before it becomes this page's last one.
      result.dividers.append(Array(page.removeLast().dropFirst(4)))
      page.finish(type: 2, lastChild: level.pages[i - 1])
      result.pages.append(page.number)
      page = try room.page(header: 12)
      page.append(cell)
    }
    page.finish(type: 2, lastChild: level.pages[level.pages.count - 1])
    result.pages.append(page.number)
    return result
  }

  /// Where SQLite copies records it does not look whether a key stands there twice.
  private func requireRisingKeys(_ block: UnsafeMutablePointer<Cell>, _ count: Int, of definition: TableDefinition) throws {
    let columnCount = unsafe sources.count
    for row in 1..<max(1, count) {
      let before = unsafe block[(row - 1) * columnCount], key = unsafe block[row * columnCount]
      // Safety: both are texts of pinned bytes.
      let order = unsafe memcmp(before.text, key.text, Int(min(before.length, key.length)))
      guard unsafe order < 0 || order == 0 && before.length < key.length else {
        throw PipelineError(.internalError, "\(definition.name): expected rows in rising order of \(definition.key.joined())")
      }
    }
  }
}
