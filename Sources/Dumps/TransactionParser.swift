import Buffers
import Columns

/// Turns the located fields of a batch into typed columns, field by field. The first fault of a row stands.
final class TransactionParser {
  let columns = BatchColumns()
  let categories = WordList()
  let channels = WordList()
  private let mapping: TransactionMapping
  private let bucketCount: Int
  private let key: HashKey
  private let takesExponents: Bool
  private let pseudonyms: Pseudonyms?
  private let zones: [TransactionField: ZoneTable]
  private let kindWords = WordList()
  /// 0 purchase, 1 refund, by number in `kindWords`; nil: neither.
  private var kindCodes: [UInt16?] = [nil]
  private let prefixes: [[UInt8]]
  private let occurrences: OccurrenceTable?

  /// - Throws: 78 for a zone that the system does not know.
  init(_ options: ReaderOptions, isJSON: Bool) throws(PipelineError) {
    mapping = options.mapping
    bucketCount = options.bucketCount
    key = options.key
    pseudonyms = options.pseudonyms
    takesExponents = isJSON
    var zones: [TransactionField: ZoneTable] = [:]
    for field in [TransactionField.occurredAt, .updatedAt] {
      guard let name = mapping.timeReading(field).zone, name != options.zone.name else { continue }
      guard let zone = ZoneTable(name: name) else {
        throw PipelineError(.badPipeline, "feeds.transactions.times.zone: the system knows no zone \(name.debugDescription)")
      }
      zones[field] = zone
    }
    self.zones = zones
    defaultZone = options.zone
    conversion = mapping.has(.currency) ? options.rates.map { CurrencyConversion($0, zone: options.zone) } : nil
    if case .idPrefix(let texts) = mapping.refunds { prefixes = texts.map { Array($0.utf8) } } else { prefixes = [] }
    occurrences = mapping.identity.contains("line") && !mapping.has(.line) ? OccurrenceTable() : nil
  }

  private let defaultZone: ZoneTable
  /// nil: amounts are in one currency.
  let conversion: CurrencyConversion?

  /// True once a word list ran out of numbers.
  var isOverflowed: Bool { categories.isFull || channels.isFull || kindWords.isFull }

  func parse(_ batch: FieldBatch, _ header: Header, _ index: RowIndex) {
    guard let id = header[.transactionID], let customer = header[.customerID], let at = header[.occurredAt] else { return }
    if mapping.skipsRowsWithoutCustomer { batch.filterEmpty(customer) }
    if mapping.has(.transactionID) { batch.checkIdentifiers(id) }
    batch.checkIdentifiers(customer)
    parseTimes(batch, .occurredAt, at, nullValue: nil, into: columns.times)
    if let conversion, let currency = header[.currency] { conversion.locate(batch, currency, times: columns.times) }
    parseAmounts(batch, header)
    parseOptionalMoney(batch, header, .discount, columns.discounts)
    parseOptionalMoney(batch, header, .cost, columns.costs)
    if let field = header[.category] { categories.encode(batch, field, into: columns.categories) }
    if let field = header[.channel] { channels.encode(batch, field, into: columns.channels) }
    parseKinds(batch, header, id)
    if let field = header[.updatedAt] {
      parseTimes(batch, .updatedAt, field, nullValue: PackedIntegers.null, into: columns.updates)
    }
    // Behind all that reads ids as the dump writes them, before anything is kept of them.
    pseudonyms?.replace(batch, header)
    batch.buckets(customer, bucketCount: bucketCount, into: columns.buckets)
    parseIdentities(batch, header, id, index)
  }

  private func parseTimes(
    _ batch: FieldBatch, _ field: TransactionField, _ place: Int, nullValue: Int64?, into values: borrowing Memory<Int64>
  ) {
    let format = mapping.timeReading(field).format
    if format == .iso {
      batch.parseTimes(place, nullValue: nullValue, into: values, isLocal: columns.isLocal)
    } else {
      batch.parseTimes(place, as: format, nullValue: nullValue, into: values, isLocal: columns.isLocal)
    }
    columns.toUTC(batch, zones[field] ?? defaultZone, values)
  }

  // MARK: money

  private func parseAmounts(_ batch: FieldBatch, _ header: Header) {
    if let amount = header[.amount] {
      parseMoney(batch, .amount, amount, nullValue: nil, into: columns.amounts)
    } else if let quantity = header[.quantity], let price = header[.unitPrice] {
      let digits = FieldBatch.factorDigits
      batch.parseNumbers(
        quantity, as: mapping.numberFormat(.quantity), fractionDigits: digits, takesExponents: takesExponents, nullValue: nil,
        into: columns.quantities)
      batch.parseNumbers(
        price, as: mapping.numberFormat(.unitPrice), fractionDigits: digits, takesExponents: takesExponents, nullValue: nil,
        into: columns.prices)
      if let conversion {
        conversion.multiply(batch, quantity, columns.quantities, columns.prices, into: columns.amounts)
        conversion.convert(batch, quantity, columns.amounts)
      } else {
        batch.multiply(columns.quantities, columns.prices, fractionDigits: mapping.fractionDigits, field: quantity, into: columns.amounts)
      }
    }
  }

  private func parseOptionalMoney(_ batch: FieldBatch, _ header: Header, _ field: TransactionField, _ values: borrowing Memory<Int64>) {
    if let place = header[field] { parseMoney(batch, field, place, nullValue: PackedIntegers.null, into: values) }
  }

  /// The kernel that is eight digits wide reads what is written plainly and has no sign; the other one all else.
  private func parseMoney(
    _ batch: FieldBatch, _ field: TransactionField, _ place: Int, nullValue: Int64?, into values: borrowing Memory<Int64>
  ) {
    let format = mapping.numberFormat(field), isSigned = mapping.refunds != .kind
    let digits = conversion == nil ? mapping.fractionDigits : CurrencyConversion.fractionDigits
    if format == NumberFormat() && !takesExponents {
      batch.parseDecimals(place, fractionDigits: digits, allowsNegative: isSigned, nullValue: nullValue, into: values)
    } else {
      batch.parseNumbers(
        place, as: format, fractionDigits: digits, takesExponents: takesExponents, nullValue: nullValue, into: values)
      if !isSigned { batch.refuseNegatives(values, place) }
    }
    conversion?.convert(batch, place, values)
  }

  // MARK: kinds

  private func parseKinds(_ batch: FieldBatch, _ header: Header, _ id: Int) {
    switch mapping.refunds {
    case .kind:
      if header[.amount] == nil, let quantity = header[.quantity] { batch.refuseNegatives(columns.amounts, quantity) }
      guard let field = header[.kind] else { return }
      kindWords.encode(batch, field, into: columns.kinds)
      while kindCodes.count < kindWords.words.count {
        let word = String(decoding: kindWords.words[kindCodes.count], as: UTF8.self)
        kindCodes.append(mapping.purchaseKinds.contains(word) ? 0 : mapping.refundKinds.contains(word) ? 1 : nil)
      }
      batch.translate(columns.kinds, field, by: kindCodes)
    case .sign:
      batch.matchNegatives(columns.amounts, into: columns.kinds)
      unsign(batch, header)
    case .idPrefix:
      batch.matchPrefixes(id, prefixes, into: columns.kinds)
      unsign(batch, header)
    }
  }

  private func unsign(_ batch: FieldBatch, _ header: Header) {
    batch.unsign(columns.amounts, header[.amount] ?? header[.quantity] ?? -1, where: columns.kinds)
    if let field = header[.discount] { batch.unsign(columns.discounts, field, where: columns.kinds) }
    if let field = header[.cost] { batch.unsign(columns.costs, field, where: columns.kinds) }
  }

  // MARK: identities

  private func parseIdentities(_ batch: FieldBatch, _ header: Header, _ id: Int, _ index: RowIndex) {
    if mapping.identity.isEmpty { return }
    let hasKind = mapping.identity.contains("kind")
    if let occurrences {
      batch.identities(ofRowsIn: index, occurrences: occurrences, key: key, into: columns.hashes)
    } else if mapping.identity.contains("line"), let line = header[.line] {
      batch.identities(id, line: line, hasSuffix: hasKind, suffixes: columns.kinds, key: key, into: columns.hashes)
    } else {
      batch.identities(id, hasSuffix: hasKind, suffixes: columns.kinds, key: key, into: columns.hashes)
    }
  }
}
