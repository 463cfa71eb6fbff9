import Buffers

/// Rows of one dump, typed and bucketed by customer, before they are packed: bucket b holds row i of every column.
package final class TransactionStripe {
  package let bucketCount: Int
  package let customers: BucketedText
  package let ids: BucketedText
  package let hashes: BucketedColumn<IdentityHash>
  /// Seconds since 1970, UTC.
  package let times: BucketedColumn<Int64>
  /// Line in the dump's text, the header being 1.
  package let lines: BucketedColumn<Int64>
  /// Minor units; `PackedIntegers.null` is NULL.
  package let amounts: BucketedColumn<Int64>
  package let discounts: BucketedColumn<Int64>
  package let costs: BucketedColumn<Int64>
  /// Seconds since 1970, UTC; NULL where the dump has none.
  package let updates: BucketedColumn<Int64>
  /// 0 purchase, 1 refund.
  package let kinds: BucketedColumn<UInt16>
  /// Numbers in the dump's word lists; 0 is NULL.
  package let categories: BucketedColumn<UInt16>
  package let channels: BucketedColumn<UInt16>
  package var rowCount = 0

  init(bucketCount: Int) {
    self.bucketCount = bucketCount
    customers = BucketedText(bucketCount: bucketCount)
    ids = BucketedText(bucketCount: bucketCount)
    hashes = BucketedColumn(bucketCount: bucketCount)
    times = BucketedColumn(bucketCount: bucketCount)
    lines = BucketedColumn(bucketCount: bucketCount)
    amounts = BucketedColumn(bucketCount: bucketCount)
    discounts = BucketedColumn(bucketCount: bucketCount)
    costs = BucketedColumn(bucketCount: bucketCount)
    updates = BucketedColumn(bucketCount: bucketCount)
    kinds = BucketedColumn(bucketCount: bucketCount)
    categories = BucketedColumn(bucketCount: bucketCount)
    channels = BucketedColumn(bucketCount: bucketCount)
  }

  func removeAll() {
    customers.removeAll()
    ids.removeAll()
    hashes.removeAll()
    for column in [times, lines, amounts, discounts, costs, updates] { column.removeAll() }
    for column in [kinds, categories, channels] { column.removeAll() }
    rowCount = 0
  }
}
