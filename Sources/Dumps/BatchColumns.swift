import Buffers
import Columns

/// The typed columns of one batch, before they are spread over the buckets.
final class BatchColumns {
  let times = Memory<Int64>(capacity: FieldBatch.capacity)
  let isLocal = Memory<Bool>(capacity: FieldBatch.capacity)
  let amounts = Memory<Int64>(capacity: FieldBatch.capacity)
  /// Millionths.
  let quantities = Memory<Int64>(capacity: FieldBatch.capacity)
  let prices = Memory<Int64>(capacity: FieldBatch.capacity)
  let discounts = Memory<Int64>(capacity: FieldBatch.capacity)
  let costs = Memory<Int64>(capacity: FieldBatch.capacity)
  let updates = Memory<Int64>(capacity: FieldBatch.capacity)
  let lines = Memory<Int64>(capacity: FieldBatch.capacity)
  let categories = Memory<UInt16>(capacity: FieldBatch.capacity)
  let channels = Memory<UInt16>(capacity: FieldBatch.capacity)
  let kinds = Memory<UInt16>(capacity: FieldBatch.capacity)
  let buckets = Memory<UInt16>(capacity: FieldBatch.capacity)
  let hashes = Memory<IdentityHash>(capacity: FieldBatch.capacity)

  /// Columns that the dump does not have stay as they are set here: NULL, or "purchase".
  init() {
    discounts.fill(PackedIntegers.null)
    costs.fill(PackedIntegers.null)
    updates.fill(PackedIntegers.null)
    categories.fill(0)
    channels.fill(0)
    kinds.fill(0)
  }

  /// Times without an offset are wall-clock times of the pipeline's zone.
  func toUTC(_ batch: FieldBatch, _ zone: ZoneTable, _ values: borrowing Memory<Int64>) {
    if zone.isUTC { return }
    batch.shift(values, where: isLocal) { zone.utc(fromLocal: $0) }
  }

  func append(to stripe: TransactionStripe, _ batch: FieldBatch, _ header: Header, _ order: BucketOrder, hasIdentity: Bool) {
    guard let id = header[.transactionID], let customer = header[.customerID] else { return }
    stripe.customers.append(batch, customer, order)
    stripe.ids.append(batch, id, order)
    if hasIdentity { stripe.hashes.append(hashes, order) }
    stripe.times.append(times, order)
    stripe.lines.append(lines, order)
    stripe.amounts.append(amounts, order)
    if header[.discount] != nil { stripe.discounts.append(discounts, order) }
    if header[.cost] != nil { stripe.costs.append(costs, order) }
    if header[.updatedAt] != nil { stripe.updates.append(updates, order) }
    stripe.kinds.append(kinds, order)
    if header[.category] != nil { stripe.categories.append(categories, order) }
    if header[.channel] != nil { stripe.channels.append(channels, order) }
  }
}
