import Buffers
import Columns

/// A row of a dump that names a customer, as the store keeps it.
package struct CustomerEvent: Sendable {
  /// Where a row stands: SHA-256 of its dump, and its line there.
  package struct Place: Sendable, Hashable {
    package var sha256: String
    package var line: Int64
  }
  package var place: Place
  package var transactionID: [UInt8]
  /// Seconds since 1970, UTC, and on the wall clock of the store's zone.
  package var time: Int64
  package var localTime: Int64
  package var isRefund: Bool
  package var amountMinor: Int64
  package var discountMinor: Int64?
  package var costMinor: Int64?
  package var category: String?
  package var channel: String?
  /// The row of the same identity that counts instead, maybe another customer's; nil: this one counts.
  package var stands: Place?
  /// Names of the fields in which the two differ; empty for an identical repeat.
  package var differs: [String]
}

extension EventStore {
  /// Every row of one customer, in time order, repeats too. Of the events only his bucket is read; of the identities all, since his rows
  /// may be repeated under any customer.
  package func history(of customer: [UInt8], threads: Int) throws(PipelineError) -> [CustomerEvent] {
    let segments = try segments()
    let bucket = customerBucket(customer, of: parameters.bucketCount)
    var events: [CustomerEvent] = []
    var numbers: [RowPlace: Int] = [:]
    for (s, segment) in segments.enumerated() {
      for stripe in 0..<segment.stripeCount {
        let column = try segment.customers(stripe: stripe, bucket: bucket)
        guard let code = column.code(of: customer) else { continue }
        let first = segment.bucketStarts(stripe: stripe)[bucket]
        let lines = try segment.lines(stripe: stripe, bucket: bucket), columns = try segment.events(stripe: stripe, bucket: bucket)
        let dumps = try segment.dumps(stripe: stripe, bucket: bucket)
        for row in column.codes.indices where column.codes[row] == code {
          numbers[RowPlace(segment: s, stripe: stripe, row: UInt32(first + row))] = events.count
          let id = try segment.id(stripe: stripe, bucket: bucket, index: row)
          events.append(event(segment, columns, row, id, CustomerEvent.Place(sha256: dumps[row], line: lines[row])))
        }
      }
    }
    if events.isEmpty { return [] }
    let his = numbers
    for loss in try losses(segments, threads: threads, where: { his[$0] != nil }) {
      guard let number = his[loss.loser] else { continue }
      let winner = try segments[loss.winner.segment].origin(of: loss.winner)
      events[number].stands = CustomerEvent.Place(sha256: winner.dump, line: winner.line)
      events[number].differs = loss.differs
    }
    return events.sorted(by: CustomerEvent.precedes)
  }

  private func event(_ segment: SegmentReader, _ columns: EventColumns, _ row: Int, _ id: [UInt8], _ place: CustomerEvent.Place)
    -> CustomerEvent
  {
    func known(_ values: [Int64]) -> Int64? { values.isEmpty || values[row] == PackedIntegers.null ? nil : values[row] }
    func word(_ codes: [UInt16], _ words: [String]) -> String? { codes.isEmpty || codes[row] == 0 ? nil : words[Int(codes[row])] }
    let time = columns.times[row]
    return CustomerEvent(
      place: place, transactionID: id, time: time,
      localTime: time &+ zone.offset(atUTC: time), isRefund: columns.kinds[row] != 0, amountMinor: columns.amounts[row],
      discountMinor: known(columns.discounts), costMinor: known(columns.costs), category: word(columns.categories, segment.categories),
      channel: word(columns.channels, segment.channels), stands: nil, differs: [])
  }
}

extension CustomerEvent {
  /// By time, then identity, as transform orders them; then by dump and line.
  fileprivate static func precedes(_ a: CustomerEvent, _ b: CustomerEvent) -> Bool {
    if a.time != b.time { return a.time < b.time }
    if a.transactionID != b.transactionID { return a.transactionID.lexicographicallyPrecedes(b.transactionID) }
    return (a.isRefund ? 1 : 0, a.place.sha256, a.place.line) < (b.isRefund ? 1 : 0, b.place.sha256, b.place.line)
  }
}

extension CustomerColumn {
  /// The number of a customer among the bucket's; nil where he has no event there.
  fileprivate func code(of customer: [UInt8]) -> UInt32? {
    var start = 0
    for (code, length) in lengths.enumerated() {
      let end = start + Int(length)
      if Int(length) == customer.count, bytes[start..<end].elementsEqual(customer) { return UInt32(code) }
      start = end
    }
    return nil
  }
}
