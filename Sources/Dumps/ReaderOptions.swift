import Buffers
import Columns

/// How a dump is read: everything that does not depend on the dump itself.
package struct ReaderOptions: Sendable {
  package var mapping: TransactionMapping
  package var dialect: Dialect
  package var zone: ZoneTable
  package var bucketCount: Int
  package var key: HashKey
  /// nil: ids stay as the dump writes them.
  package var pseudonyms: Pseudonyms?
  /// What a column of currencies is converted with; nil: amounts are taken as they are.
  package var rates: ExchangeRates?
  /// Rows that are gathered before they are packed and written: bounds the memory of a dump of any size.
  package var stripeRowsMax: Int
  /// Text that they may be made of: rows may be a thousand times longer than usual.
  package var stripeBytesMax: Int
  /// Rejects beyond this many are counted but not kept.
  package var rejectsKeptMax: Int
  /// Reading ends with the piece that passes this many bytes of text: a trial of a dump's beginning, whose end nobody vouches for.
  package var textBytesMax = Int64.max
  /// Text that is read at once; what is read does not depend on it.
  package var pieceBytes = TextChunk.textCapacity

  package init(
    mapping: TransactionMapping, dialect: Dialect, zone: ZoneTable, bucketCount: Int, key: HashKey,
    pseudonyms: Pseudonyms? = nil, rates: ExchangeRates? = nil, stripeRowsMax: Int = 1 << 19,
    stripeBytesMax: Int = 256 << 20, rejectsKeptMax: Int = 100_000
  ) {
    self.mapping = mapping
    self.dialect = dialect
    self.zone = zone
    self.bucketCount = bucketCount
    self.key = key
    self.pseudonyms = pseudonyms
    self.rates = rates
    self.stripeRowsMax = stripeRowsMax
    self.stripeBytesMax = stripeBytesMax
    self.rejectsKeptMax = rejectsKeptMax
  }
}
