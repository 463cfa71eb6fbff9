// A table without rowid is an index of whole records: leaves full of them, and between two leaves one record that stands in the page above.
import Buffers
import Columns
import Glibc

/// Pages of one level, from left to right, and the cells that stand between two neighbours in the level above.
struct ImageLevel: Sendable {
  var pages: [UInt32] = []
  var dividers: [[UInt8]] = []
}

extension PinnedColumns {
  private static let chunkRows = 8192, blockRows = 256

  /// The rows as the table that `definition` defines.
  /// - Throws: 70 where the first column alone is the key and does not rise from row to row.
  func image(of definition: TableDefinition, _ room: RecordRoom, threads: Int) throws -> TableImage {
    let rowCount = unsafe order.count, chunks = max(1, (rowCount + Self.chunkRows - 1) / Self.chunkRows)
    // A full page holds at least half of its bytes in cells, a record that is too long for it fills pages of its own but for the last.
    let pages =
      16 + chunks + room.total / (ImagePage.byteCount / 3)
      + (room.recordBytesMax <= ImagePage.recordBytesMax ? 0 : room.total / (ImagePage.recordBytesMax / 2))
    let image = try TableImage(pageCountMax: pages)
    let parts = parallelMap(chunks, threads: threads) { chunk in
      Result { () throws -> ImageLevel in
        let end = min((chunk + 1) * Self.chunkRows, rowCount)
        return try leaves(chunk * Self.chunkRows..<end, of: definition, isLast: chunk == chunks - 1, image, room)
      }
    }
    var level = ImageLevel()
    for part in parts {
      let part = try part.get()
      level.pages += part.pages
      level.dividers += part.dividers
    }
    while level.pages.count > 1 { level = try above(level, image) }
    image.finish(definition, rootPage: level.pages[0])
    return image
  }

  /// Leaves of some rows. Unless they are the last ones, the last row is the divider between these leaves and the next.
  private func leaves(
    _ rows: Range<Int>, of definition: TableDefinition, isLast: Bool, _ image: TableImage, _ room: RecordRoom
  ) throws -> ImageLevel {
    let isKeyFirst = definition.key.count == 1
    let columnCount = unsafe sources.count
    // Safety: a block of so many rows and one before them, of one cell a column, filled before it is read.
    let block = UnsafeMutablePointer<Cell>.allocate(capacity: (Self.blockRows + 1) * columnCount)
    defer { unsafe block.deallocate() }
    var level = ImageLevel(), leaf = try image.page(header: 8), record = RowRecord(room)
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
        if try leaf.append(record, image) { continue }
        let isLastOfChunk = first + row - lead == rows.upperBound - 1
        var next = try image.page(header: 8)
        _ = try next.append(record, image)
        if isLastOfChunk, !isLast {
          close(&leaf, divider: next.removeLast())
          return level
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
    return level
  }

  private func above(_ level: ImageLevel, _ image: TableImage) throws -> ImageLevel {
    var result = ImageLevel(), page = try image.page(header: 12)
    for (i, divider) in level.dividers.enumerated() {
      let cell = ImagePage.bigEndian(level.pages[i]) + divider
      if page.append(cell) { continue }
      // The last divider of the full page moves up; the child before it becomes this page's last one.
      result.dividers.append(Array(page.removeLast().dropFirst(4)))
      page.finish(type: 2, lastChild: level.pages[i - 1])
      result.pages.append(page.number)
      page = try image.page(header: 12)
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
