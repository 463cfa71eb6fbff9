// The columns as rows of cells of 16 bytes. Dates and months come from tables of their finished text.
import Columns
import GRDBSQLite

/// One column as the gathering loops see it.
@unsafe struct Source {
  enum Kind: UInt8 { case int32, int64, double, text, code, date, month }
  var kind: Kind
  /// The values; of text its offsets.
  var base: UnsafeRawPointer?
  var presence: UnsafePointer<Bool>?
  /// Of text its bytes; of dates and months their finished texts back to back, from `lowest` on.
  var bytes: UnsafePointer<UInt8>?
  /// Of codes the dictionary.
  var texts: UnsafePointer<Cell>?
  var lowest: Int32
}

/// A value as SQLite takes it: 16 bytes.
@unsafe struct Cell {
  /// The integer, the double's bits, or the text's address.
  var bits: UInt64
  /// Bytes of the text.
  var length: Int32
  /// SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT or SQLITE_TEXT.
  var type: Int32

  /// Of a text: where it stands.
  var text: UnsafeRawPointer { unsafe UnsafeRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped }
}

/// Finished texts of one column; empty for columns that need none.
@safe final class Lookup {
  let bytes: UnsafeMutablePointer<UInt8>?
  let texts: UnsafeMutablePointer<Cell>?
  let lowest: Int32

  /// - Throws: 70 where a value lies outside what its kind can hold.
  init(_ column: Column) throws {
    switch (column.values, column.definition.kind) {
    case (.int32(let values), .date):
      let days: ClosedRange<Int32> = -719_528...2_932_896
      unsafe (bytes, lowest) = try unsafe Self.calendar(column, values, width: 10, within: days) { Day($0).description }
    case (.int32(let values), .month):
      unsafe (bytes, lowest) = try unsafe Self.calendar(column, values, width: 7, within: 0...119_999) { Day.monthName($0) }
    case (.code(let codes, let dictionary), _):
      guard (codes.max() ?? 0) < max(dictionary.count, 1) else {
        throw PipelineError(.internalError, "column \(column.name): a code lies outside its dictionary of \(dictionary.count)")
      }
      let all = dictionary.map { Array($0.utf8) }
      // Safety: as many bytes and cells as are written below; freed in deinit.
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, all.reduce(0) { $0 + $1.count }))
      let texts = UnsafeMutablePointer<Cell>.allocate(capacity: max(1, all.count))
      unsafe texts.initialize(to: Cell(bits: UInt64(UInt(bitPattern: bytes)), length: 0, type: SQLITE_TEXT))
      var end = 0
      for (code, text) in all.enumerated() {
        unsafe (texts + code).initialize(
          to: Cell(bits: UInt64(UInt(bitPattern: bytes + end)), length: Int32(text.count), type: SQLITE_TEXT))
        for byte in text {
          unsafe (bytes + end).initialize(to: byte)
          end += 1
        }
      }
      unsafe self.bytes = bytes
      unsafe self.texts = texts
      lowest = 0
      return
    case (.text(let text), _):
      guard text.offsets.last.map(Int.init) ?? 0 <= text.bytes.count, zip(text.offsets, text.offsets.dropFirst()).allSatisfy({ $0 <= $1 })
      else {
        throw PipelineError(.internalError, "column \(column.name): its offsets do not fit its bytes")
      }
      unsafe (bytes, lowest) = (nil, 0)
    default: unsafe (bytes, lowest) = (nil, 0)
    }
    unsafe texts = nil
  }

  deinit {
    unsafe bytes?.deallocate()
    unsafe texts?.deallocate()
  }

  /// Texts of all days or months from the smallest to the largest present.
  private static func calendar(
    _ column: Column, _ values: [Int32], width: Int, within bounds: ClosedRange<Int32>, _ text: (Int32) -> String
  ) throws -> (UnsafeMutablePointer<UInt8>?, Int32) {
    var (low, high) = (Int32.max, Int32.min)
    for (row, value) in values.enumerated() where column.isPresent?[row] ?? true {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { return (nil, 0) }
    guard bounds.contains(low), bounds.contains(high) else {
      throw PipelineError(
        .internalError, "column \(column.name): expected \(column.definition.kind.rawValue)s of the years 0 to 9999, found others")
    }
    // Safety: `width` bytes for each of the days; every one is written, since years 0…9999 have that many digits.
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: (Int(high) - Int(low) + 1) * width)
    var end = unsafe bytes
    for value in low...high {
      for byte in text(value).utf8 {
        unsafe end.initialize(to: byte)
        unsafe end += 1
      }
    }
    return unsafe (bytes, low)
  }
}

/// The columns of one table, pinned for as long as this is used.
@safe struct PinnedColumns: @unchecked Sendable {
  // Safety: read only, by threads that end before the arrays are released.
  let sources: UnsafeBufferPointer<Source>
  /// Every row once; each number lies within the columns.
  let order: UnsafeBufferPointer<UInt32>

  /// Fills a block with `count` rows in the order given, row by row, a cell a column.
  func gather(_ rows: UnsafePointer<UInt32>, count: Int, into block: UnsafeMutablePointer<Cell>) {
    // Safety: `rows` is part of `order`; the block has room for so many rows.
    let stride = unsafe sources.count
    for index in 0..<stride {
      let source = unsafe sources[index]
      let cells = unsafe block + index
      switch unsafe source.kind {
      case .int32:
        let values = unsafe source.base!.assumingMemoryBound(to: Int32.self)
        for j in 0..<count {
          unsafe cells[j * stride] = Cell(bits: UInt64(bitPattern: Int64(values[Int(rows[j])])), length: 0, type: SQLITE_INTEGER)
        }
      case .int64:
        let values = unsafe source.base!.assumingMemoryBound(to: UInt64.self)
        for j in 0..<count { unsafe cells[j * stride] = Cell(bits: values[Int(rows[j])], length: 0, type: SQLITE_INTEGER) }
      case .double:
        let values = unsafe source.base!.assumingMemoryBound(to: UInt64.self)
        for j in 0..<count { unsafe cells[j * stride] = Cell(bits: values[Int(rows[j])], length: 0, type: SQLITE_FLOAT) }
      case .text:
        let offsets = unsafe source.base!.assumingMemoryBound(to: UInt32.self)
        let base = unsafe UInt64(UInt(bitPattern: source.bytes!))
        for j in 0..<count {
          let row = unsafe Int(rows[j])
          let begin = unsafe offsets[row]
          unsafe cells[j * stride] = Cell(
            bits: base &+ UInt64(begin), length: Int32(truncatingIfNeeded: offsets[row + 1] &- begin), type: SQLITE_TEXT)
        }
      case .code:
        let codes = unsafe source.base!.assumingMemoryBound(to: UInt16.self)
        let texts = unsafe source.texts!
        for j in 0..<count { unsafe cells[j * stride] = texts[Int(codes[Int(rows[j])])] }
      case .date, .month:
        let width: Int32 = unsafe source.kind == .date ? 10 : 7
        let values = unsafe source.base!.assumingMemoryBound(to: Int32.self)
        let base = unsafe UInt64(UInt(bitPattern: source.bytes))
        let lowest = unsafe source.lowest
        // The value of an absent row may lie anywhere: its address is never read.
        for j in 0..<count {
          let place = unsafe Int64(values[Int(rows[j])] &- lowest) &* Int64(width)
          unsafe cells[j * stride] = Cell(bits: base &+ UInt64(bitPattern: place), length: width, type: SQLITE_TEXT)
        }
      }
      if let presence = unsafe source.presence {
        for j in 0..<count where unsafe !presence[Int(rows[j])] { unsafe cells[j * stride].type = SQLITE_NULL }
      }
    }
  }
}
