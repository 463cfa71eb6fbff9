import Columns
import Events
import Features
import Scores

/// All that is known of one customer as of a day, and where it comes from.
struct Explanation: Encodable, Sendable {
  struct Place: Encodable, Sendable {
    var dump: String
    var line: Int64
  }
  struct Event: Encodable, Sendable {
    enum State: String, Encodable, Sendable {
      case counts
      /// An identical row counts instead.
      case duplicate
      /// A row of the same identity and other content counts instead.
      case superseded
      /// Later than the as-of day.
      case notYet = "not_yet"
    }
    var transactionId: String
    /// UTC.
    var occurredAt: String
    /// In the pipeline's time zone.
    var day: String
    var timeOfDay: String
    var kind: String
    var amountMinor: Int64
    var discountMinor: Int64?
    var costMinor: Int64?
    var category: String?
    var channel: String?
    var place: Place
    var state: State
    var stands: Place?
    var differs: [String]
  }
  /// A column of the customer's row.
  struct Value: Encodable, Sendable {
    var name: String
    var value: CellValue
    var unit: String
    var meaning: String
    /// Why there is no value; empty where there is one.
    var nullWhen: String
    var basis: Basis?
  }
  /// How a score came about.
  struct Basis: Encodable, Sendable {
    /// The column that was ranked over all customers, his value there, and the greatest value of each score from 1 on.
    var feature: String?
    var value: CellValue?
    var thresholds: [CellValue]?
    /// A rule in words.
    var rule: String
  }
  var customerId: String
  var pipeline: String
  var asOf: String
  var timeZone: String
  var currency: String
  var fractionDigits: Int
  var events: [Event]
  var features: [Value]
  var scores: [Value]
  /// What the scores of value were computed with.
  var models: [ModelRecord]
}

/// A value of a column as people and machines read it.
enum CellValue: Encodable, Sendable, Hashable {
  case none
  case text(String)
  case integer(Int64)
  case real(Double)

  init(_ column: Column, _ row: Int) {
    if let isPresent = column.isPresent, !isPresent[row] {
      self = .none
      return
    }
    switch column.values {
    case .int32(let values): self.init(Int64(values[row]), column.definition.kind)
    case .int64(let values): self.init(values[row], column.definition.kind)
    case .double(let values): self = .real(values[row])
    case .text(let values): self = .text(values[row])
    case .code(let codes, let dictionary): self = .text(dictionary[Int(codes[row])])
    }
  }

  init(_ number: Int64, _ kind: ColumnDefinition.Kind) {
    switch kind {
    case .date: self = .text(Day(Int32(clamping: number)).description)
    case .month: self = .text(Day.monthName(Int32(clamping: number)))
    default: self = .integer(number)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .text(let text): try container.encode(text)
    case .integer(let number): try container.encode(number)
    case .real(let number): try container.encode(number)
    }
  }
}

extension Explanation {
  /// - Parameter row: the customer's in the tables of features and scores.
  init(_ pipeline: Pipeline, _ history: [CustomerEvent], _ paths: [String: String], _ features: FeatureSet, _ scores: ScoreSet, row: Int) {
    let table = features.customers
    customerId = table.columns.first.map { CellValue($0, row) }.flatMap { if case .text(let id) = $0 { id } else { nil } } ?? ""
    self.pipeline = pipeline.name
    asOf = features.asOf.description
    timeZone = pipeline.store.timeZone
    currency = pipeline.transactions.currency
    fractionDigits = pipeline.transactions.mapping.fractionDigits
    events = history.map { Event($0, asOf: features.asOf, paths) }
    self.features = table.columns.dropFirst().map { Value($0, row, basis: nil) }
    let bases = Basis.ranks(features, scores, row: row).merging(Basis.values(features, scores, pipeline.scoreOptions, row: row)) {
      rank, _ in rank
    }
    models = scores.models?.models ?? []
    self.scores = scores.columns.map { Value($0, row, basis: bases[$0.name]) }
  }
}

extension Explanation.Value {
  init(_ column: Column, _ row: Int, basis: Explanation.Basis?) {
    let definition = column.definition
    value = CellValue(column, row)
    (name, unit, meaning) = (definition.name, definition.unit, definition.meaning)
    nullWhen = value == .none ? definition.nullWhen : ""
    self.basis = value == .none ? nil : basis
  }
}

extension Explanation.Event {
  init(_ event: CustomerEvent, asOf: Day, _ paths: [String: String]) {
    func place(_ place: CustomerEvent.Place) -> Explanation.Place {
      Explanation.Place(dump: paths[place.sha256] ?? place.sha256, line: place.line)
    }
    transactionId = String(decoding: event.transactionID, as: UTF8.self)
    occurredAt = UTC.text(event.time)
    let local = UTC.text(event.localTime)
    (day, timeOfDay) = (String(local.prefix(10)), String(local.dropFirst(11).dropLast()))
    kind = event.isRefund ? "refund" : "purchase"
    (amountMinor, discountMinor, costMinor) = (event.amountMinor, event.discountMinor, event.costMinor)
    (category, channel) = (event.category, event.channel)
    self.place = place(event.place)
    stands = event.stands.map(place)
    differs = event.differs
    let isLater = event.localTime >= (Int64(asOf.number) + 1) * 86_400
    state = event.stands == nil ? (isLater ? .notYet : .counts) : event.differs.isEmpty ? .duplicate : .superseded
  }
}

extension Explanation.Basis {
  /// By the name of the score: those that rank the customer among all. A score without an entry is told by its definition alone.
  static func ranks(_ features: FeatureSet, _ scores: ScoreSet, row: Int) -> [String: Explanation.Basis] {
    var bases: [String: Explanation.Basis] = [:]
    var code = 0
    for thresholds in rfmThresholds(features) {
      guard let column = features.customers[thresholds.feature] else { continue }
      let kind = column.definition.kind
      bases[thresholds.score] = Explanation.Basis(
        feature: thresholds.feature, value: CellValue(column, row), thresholds: thresholds.values.map { CellValue($0, kind) },
        rule: "1 + the number of thresholds that are smaller")
      guard case .int32(let values)? = scores.columns.first(where: { $0.name == thresholds.score })?.values else { continue }
      code = 10 * code + Int(values[row])
    }
    if let segment = rfmSegments.first(where: { $0.codes.contains(code) }) {
      let codes = segment.codes.sorted(by: >).map(String.init).joined(separator: " ")
      bases["rfm_segment"] = Explanation.Basis(rule: "code \(code), one of \(codes): \(segment.meaning)")
    }
    return bases
  }
}
