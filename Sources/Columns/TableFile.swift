import Buffers
import Foundation

/// A table in a block file of its own: each column's values packed, its presence as one byte a row, its definition in the file's meta
/// together with what the writer adds (`details`).
///
/// Every block, the directory and the meta are checksummed, and the file appears under its name whole or not at all.
private enum TableFormat {
  /// "HFTABLE1", little-endian.
  static let magic: UInt64 = 0x3145_4C42_4154_4648
  /// Raised when the layout or the meaning of a column's storage changes.
  static let version: UInt32 = 1

  enum Storage: String, Codable {
    case int32, int64, double, text, code
  }

  /// How one column lies in the file. Blocks follow each other: values (of a text its offsets, then its bytes), then presence.
  struct StoredColumn: Codable {
    var definition: ColumnDefinition
    var storage: Storage
    var firstBlock: Int
    var hasPresence: Bool
    /// Of coded columns.
    var dictionary: [String]?
  }

  struct Meta<Details: Codable>: Codable {
    var rowCount: Int
    var columns: [StoredColumn]
    var details: Details
  }
}

extension Table {
  /// Writes the table and `details` as one file; an older file of this name stands until the new one is whole.
  /// - Throws: 74 when the disk fails.
  package func write<Details: Codable>(to path: String, details: Details) throws(PipelineError) {
    do {
      let writer = try BlockFileWriter(path: path, magic: TableFormat.magic, version: TableFormat.version)
      var stored: [TableFormat.StoredColumn] = []
      for column in columns {
        let (storage, dictionary, blocks) = pack(column)
        let first = try writer.append(blocks)
        stored.append(
          TableFormat.StoredColumn(
            definition: column.definition, storage: storage, firstBlock: first, hasPresence: column.isPresent != nil, dictionary: dictionary
          ))
      }
      let encoder = JSONEncoder()
      // The same table gives the same bytes.
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let meta = try encoder.encode(TableFormat.Meta(rowCount: rowCount, columns: stored, details: details))
      try writer.finish(meta: String(decoding: meta, as: UTF8.self))
      try writer.publish(as: path)
    } catch let fault as SystemFault {
      throw PipelineError(.inputOutput, fault.description, fix: "check the disk and the rights of the state folder, then run again")
    } catch {
      throw PipelineError(.internalError, "\(path): its description can not be written: \(error)")
    }
  }

  /// Reads what `write` wrote, checking every byte that counts.
  /// - Throws: 66 where there is no such file, 65 where it is damaged or of another version, 74 when the disk fails.
  package static func read<Details: Codable>(
    from path: String, details: Details.Type = Details.self
  ) throws(PipelineError) -> (table: Table, details: Details) {
    let again = "remove the file, and run the stage that writes it again"
    guard try exists(path) else {
      throw PipelineError(.noInput, "\(path): there is no such file", fix: "run the stage that writes it first")
    }
    do throws(PipelineError) {
      let file = try BlockFile(path: path, magic: TableFormat.magic, version: TableFormat.version)
      let meta: TableFormat.Meta<Details>
      do { meta = try JSONDecoder().decode(TableFormat.Meta<Details>.self, from: Data(file.meta.utf8)) } catch {
        throw PipelineError(.badInput, "\(path): its description does not fit this holdfast")
      }
      // A column of equal values takes no bytes, but not all columns of a large table are such.
      guard meta.rowCount >= 0, meta.rowCount <= max(1 << 20, file.byteCount) else {
        throw PipelineError(.badInput, "\(path): expected a number of rows, found \(meta.rowCount)")
      }
      var table = Table(rowCount: meta.rowCount)
      for stored in meta.columns {
        guard let column = try unpack(stored, file, meta.rowCount), table[column.name] == nil else {
          throw PipelineError(.badInput, "\(path), column \(stored.definition.name): its blocks do not fit its description")
        }
        table.append(column)
      }
      return (table, meta.details)
    } catch {
      // A segment of the store would be loaded again; a table is made again.
      throw error.exit == .badInput ? PipelineError(.badInput, error.message, details: error.details, fix: again) : error
    }
  }
}

extension Table {
  /// What is damaged in a file of `write`, one line a problem; every byte of it is read.
  package static func problems(in path: String) -> [String] {
    do throws(PipelineError) { return try BlockFile(path: path, magic: TableFormat.magic, version: TableFormat.version).problems() } catch {
      return [error.message]
    }
  }
}

private func exists(_ path: String) throws(PipelineError) -> Bool {
  do { return try FileIdentity.of(path) != nil } catch {
    throw PipelineError(.inputOutput, error.description, fix: "check the disk and the rights of the state folder, then run again")
  }
}

// MARK: one column

private func packed(_ values: [Int64]) -> PackedBlock { PackedBlock(PackedIntegers(values.span)) }

private func pack(_ column: Column) -> (TableFormat.Storage, dictionary: [String]?, [PackedBlock]) {
  var blocks: [PackedBlock], dictionary: [String]?
  let storage: TableFormat.Storage
  switch column.values {
  case .int32(let values): (storage, blocks) = (.int32, [packed(values.map(Int64.init))])
  case .int64(let values): (storage, blocks) = (.int64, [packed(values)])
  case .double(let values): (storage, blocks) = (.double, [PackedBlock(bytes: rawBytes(values), count: values.count)])
  case .text(let text):
    storage = .text
    blocks = [packed(text.offsets.map(Int64.init)), PackedBlock(bytes: text.bytes, count: text.bytes.count)]
  case .code(let codes, let words): (storage, dictionary, blocks) = (.code, words, [packed(codes.map(Int64.init))])
  }
  if let isPresent = column.isPresent {
    blocks.append(PackedBlock(bytes: isPresent.map { $0 ? 1 : 0 }, count: isPresent.count))
  }
  return (storage, dictionary, blocks)
}

/// nil where the blocks do not hold `rowCount` sound values.
private func unpack(_ stored: TableFormat.StoredColumn, _ file: BlockFile, _ rowCount: Int) throws(PipelineError) -> Column? {
  let values: ColumnValues, first = stored.firstBlock
  guard file.entries.indices.contains(first), Int(file.entries[first].count) == rowCount + (stored.storage == .text ? 1 : 0) else {
    return nil
  }
  switch stored.storage {
  case .int32: values = .int32(try file.integers(first, as: UInt32.self).map { Int32(bitPattern: $0) })
  case .int64: values = .int64(try file.integers(first, as: Int64.self))
  case .double: values = .double(try file.plain(first, as: Double.self))
  case .text:
    let text = TextColumn(offsets: try file.integers(first, as: UInt32.self), bytes: try file.plain(first + 1, as: UInt8.self))
    guard text.offsets.first == 0, text.offsets.last.map(Int.init) == text.bytes.count else { return nil }
    for i in 1..<max(1, text.offsets.count) where text.offsets[i] < text.offsets[i - 1] { return nil }
    values = .text(text)
  case .code:
    let codes = try file.integers(first, as: UInt16.self), words = stored.dictionary ?? []
    guard codes.allSatisfy({ Int($0) < words.count }) else { return nil }
    values = .code(codes, dictionary: words)
  }
  guard values.count == rowCount else { return nil }
  guard stored.hasPresence else { return Column(stored.definition, values) }
  let presence = try file.plain(first + (stored.storage == .text ? 2 : 1), as: UInt8.self)
  guard presence.count == rowCount, presence.allSatisfy({ $0 <= 1 }) else { return nil }
  return Column(stored.definition, values, isPresent: presence.map { $0 == 1 })
}
