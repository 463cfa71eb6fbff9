import Buffers
import Columns
import Dumps
import TestSupport

/// An event as a dump's row gave it.
struct Event: Equatable {
  var customer: String
  var id: String
  var time: Int64
  var amount: Int64
  var discount: Int64?
  var category: String
  var kind: Int
  var line: Int64
}

/// What a reader made of a dump.
struct Reading {
  var events: [Event] = []
  var rowsRead: Int64 = 0
  var rejected: Int64 = 0
  var filtered: Int64 = 0
  var rejects: [Reject] = []
  var facts: DumpFacts
  var stripes = 0
}

/// One bucket, so that the events stay in the order of the dump.
func read(
  _ path: String, mapping: TransactionMapping = TransactionMapping(discount: nil, cost: nil, category: nil, channel: nil, kind: nil),
  dialect: Dialect = Dialect(), zone: String = "UTC", pipelined: Bool = false, stripeRowsMax: Int = 1 << 20,
  stripeBytesMax: Int = 256 << 20, rejectsKeptMax: Int = 100_000, pieceBytes: Int = TextChunk.textCapacity
) throws -> Reading {
  guard let zone = ZoneTable(name: zone) else { preconditionFailure("zone") }
  var options = ReaderOptions(
    mapping: mapping, dialect: dialect, zone: zone, bucketCount: 1, key: HashKey(k0: 1, k1: 2), stripeRowsMax: stripeRowsMax,
    stripeBytesMax: stripeBytesMax, rejectsKeptMax: rejectsKeptMax)
  options.pieceBytes = pieceBytes
  let reader = try TransactionReader(path: path, options: options, pipelined: pipelined)
  var events: [Event] = [], stripes = 0
  let facts = try reader.read(
    progress: { _ in },
    flush: { stripe in
      stripes += 1
      let customers = texts(stripe.customers), ids = texts(stripe.ids)
      let times = numbers(stripe.times), amounts = numbers(stripe.amounts), lines = numbers(stripe.lines)
      let discounts = !mapping.has(.discount) ? [] : numbers(stripe.discounts), kinds = codes(stripe.kinds)
      let categories = !mapping.has(.category) ? [] : codes(stripe.categories)
      for i in customers.indices {
        events.append(
          Event(
            customer: customers[i], id: ids[i], time: times[i], amount: amounts[i],
            discount: discounts.isEmpty || discounts[i] == PackedIntegers.null ? nil : discounts[i],
            category: categories.isEmpty ? "" : String(decoding: reader.categories.words[Int(categories[i])], as: UTF8.self),
            kind: Int(kinds[i]),
            line: lines[i]))
      }
    })
  return Reading(
    events: events, rowsRead: reader.rowsRead, rejected: reader.rowsRejected, filtered: reader.rowsFiltered, rejects: reader.rejects,
    facts: facts, stripes: stripes)
}

private func numbers(_ column: BucketedColumn<Int64>) -> [Int64] { column.withBucket(0) { span in span.indices.map { span[$0] } } }
private func codes(_ column: BucketedColumn<UInt16>) -> [UInt16] { column.withBucket(0) { span in span.indices.map { span[$0] } } }
private func texts(_ column: BucketedText) -> [String] {
  column.withBucket(0) { bytes, lengths in
    let all = copyBytes(bytes)
    var at = 0
    return lengths.indices.map { i in
      defer { at += Int(lengths[i]) }
      return String(decoding: all[at..<at + Int(lengths[i])], as: UTF8.self)
    }
  }
}
