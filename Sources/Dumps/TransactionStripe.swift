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

  /// - Parameter rowsExpected: about how many rows the stripe will hold.
  init(bucketCount: Int, rowsExpected: Int) {
    self.bucketCount = bucketCount
    let expected = rowsExpected / bucketCount * 9 / 8 + 256
    customers = BucketedText(bucketCount: bucketCount, expected: expected)
    ids = BucketedText(bucketCount: bucketCount, expected: expected)
    hashes = BucketedColumn(bucketCount: bucketCount, expected: expected)
    times = BucketedColumn(bucketCount: bucketCount, expected: expected)
    lines = BucketedColumn(bucketCount: bucketCount, expected: expected)
    amounts = BucketedColumn(bucketCount: bucketCount, expected: expected)
    discounts = BucketedColumn(bucketCount: bucketCount, expected: expected)
    costs = BucketedColumn(bucketCount: bucketCount, expected: expected)
    updates = BucketedColumn(bucketCount: bucketCount, expected: expected)
    kinds = BucketedColumn(bucketCount: bucketCount, expected: expected)
    categories = BucketedColumn(bucketCount: bucketCount, expected: expected)
    channels = BucketedColumn(bucketCount: bucketCount, expected: expected)
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
