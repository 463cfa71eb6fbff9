// Rows as records of SQLite's file format: https://www.sqlite.org/fileformat2.html#record_format
import Columns
import GRDBSQLite
import Glibc

/// How much memory records of some columns can take at the most, in bytes.
struct RecordRoom: Sendable {
  /// Of one record: the types of its values, and the values.
  private(set) var typesMax = 0
  private(set) var valuesMax = 0
  /// Of all values that are no texts, of one record; and of all texts together.
  private(set) var plain = 0
  private(set) var texts = 0

  init(_ columns: [Column]) {
    for column in columns {
      var longest = 8
      switch column.values {
      case .text(let text):
        longest = zip(text.offsets, text.offsets.dropFirst()).reduce(0) { max($0, Int($1.1) - Int($1.0)) }
        texts += text.bytes.count
      case .code(_, let dictionary): longest = dictionary.map(\.utf8.count).max() ?? 0
      case .int32 where column.definition.kind != .integer: longest = 10
      default: break
      }
      typesMax += Varint.bytesMax
      valuesMax += longest
      if case .text = column.values { plain += 5 } else { plain += longest + 5 }
    }
    // Values are written eight bytes at a time.
    valuesMax += 8
  }

  var recordBytesMax: Int { typesMax + valuesMax }
}

/// SQLite's variable-length integers: seven bits a byte, the highest first.
enum Varint {
  static let bytesMax = 9

  static func count(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }

  /// Writes a number below 2^56 and returns how many bytes it took.
  @inline(__always)
  static func put(_ value: Int, _ place: UnsafeMutablePointer<UInt8>) -> Int {
    // Safety: the place has room for `bytesMax` bytes.
    if value < 128 {
      unsafe place.pointee = UInt8(truncatingIfNeeded: value)
      return 1
    }
    let count = count(value)
    for i in 0..<count {
      unsafe place[i] = UInt8(truncatingIfNeeded: value >> (7 * (count - 1 - i))) & 0x7F | (i == count - 1 ? 0 : 0x80)
    }
    return count
  }
}

/// One record at a time: the types of its values, and behind them the values.
@safe struct RowRecord: ~Copyable {
  // Safety: as long as `RecordRoom` says a record of these columns can be.
  private let types: UnsafeMutablePointer<UInt8>
  private let values: UnsafeMutablePointer<UInt8>
  private var typeBytes = 0
  private var valueBytes = 0

  init(_ room: RecordRoom) {
    unsafe types = .allocate(capacity: room.typesMax)
    unsafe values = .allocate(capacity: room.valuesMax)
  }

  deinit {
    unsafe types.deallocate()
    unsafe values.deallocate()
  }

  private var headerBytes: Int { typeBytes + (typeBytes + 1 < 128 ? 1 : Varint.count(typeBytes + 2)) }
  var byteCount: Int { headerBytes + valueBytes }

  @inline(__always)
  mutating func make(_ cells: UnsafePointer<Cell>, count: Int) {
    var t = 0, v = 0
    for i in 0..<count {
      // Safety: the row has so many cells; a text's address and length are those of pinned bytes; both buffers are long enough for it.
      let cell = unsafe cells[i]
      switch unsafe cell.type {
      case SQLITE_INTEGER:
        let bits = unsafe cell.bits
        if bits < 2 {
          unsafe types[t] = 8 &+ UInt8(truncatingIfNeeded: bits)
        } else {
          let signed = Int64(bitPattern: bits)
          let needed = (72 &- (signed ^ (signed >> 63)).leadingZeroBitCount) >> 3
          let width = needed <= 4 ? needed : needed <= 6 ? 6 : 8
          unsafe types[t] = UInt8(truncatingIfNeeded: needed <= 4 ? needed : needed <= 6 ? 5 : 6)
          let left = bits &<< UInt64(truncatingIfNeeded: 64 &- 8 &* width)
          unsafe UnsafeMutableRawPointer(values + v).storeBytes(of: left.bigEndian, as: UInt64.self)
          v &+= width
        }
        t &+= 1
      case SQLITE_FLOAT:
        // SQLite has no NaN: it is NULL.
        let bits = unsafe cell.bits, isNumber = !Double(bitPattern: bits).isNaN
        unsafe types[t] = isNumber ? 7 : 0
        unsafe UnsafeMutableRawPointer(values + v).storeBytes(of: bits.bigEndian, as: UInt64.self)
        v &+= isNumber ? 8 : 0
        t &+= 1
      case SQLITE_TEXT:
        let length = unsafe Int(cell.length)
        t &+= unsafe Varint.put(13 &+ 2 &* length, types + t)
        if length > 0 { unsafe memcpy(values + v, cell.text, length) }
        v &+= length
      default:
        unsafe types[t] = 0
        t &+= 1
      }
    }
    (typeBytes, valueBytes) = (t, v)
  }

  /// Writes the record, `byteCount` bytes.
  @inline(__always)
  func write(to place: UnsafeMutablePointer<UInt8>) {
    // Safety: the place has room for all of it.
    let size = unsafe Varint.put(headerBytes, place)
    unsafe memcpy(place + size, types, typeBytes)
    unsafe memcpy(place + size + typeBytes, values, valueBytes)
  }
}
