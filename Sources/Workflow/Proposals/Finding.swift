import Columns

/// What sniffing says of one key of a pipeline file, and why.
struct Finding: Encodable {
  enum Certainty: String, Encodable {
    case sure
    /// Not told by the dump: a default, or a wish of the command line.
    case assumed
    /// Told by the dump, but something else would do as well.
    case uncertain
  }
  /// Below the feed: `delimiter`, `columns.amount`.
  var key: String
  /// As YAML.
  var value: String
  var certainty: Certainty
  var evidence: String
  /// What else it might be.
  var otherwise: String?
  /// Commented out: something that a person may want.
  var isHint = false

  init(_ key: String, _ value: String, _ evidence: String, _ certainty: Certainty = .sure, otherwise: String? = nil, isHint: Bool = false) {
    self.key = key
    self.value = value
    self.evidence = evidence
    self.certainty = certainty
    self.otherwise = otherwise
    self.isHint = isHint
  }

  /// Evidence as a comment says it.
  var comment: String {
    let other = otherwise.map { "; or \($0)" } ?? ""
    return (certainty == .uncertain ? "uncertain: " : "") + evidence + other
  }
}

/// What the command line asks of sniffing.
package struct SniffOptions: Sendable {
  /// Text that is looked at, over all dumps.
  package var sampleBytes = 8 << 20
  /// Columns that a person named, by field.
  package var columns: [String: String] = [:]
  package var currency: String?
  package var zone: String?

  package init() {}

  /// - Throws: 64 for wishes that make no sense.
  func check() throws(PipelineError) {
    if let currency, !Currency.codes.contains(currency) {
      let nearest = Spelling.suggestion(for: currency, among: Currency.codes.sorted())
      throw PipelineError(.usage, "--currency: expected an ISO 4217 code such as EUR, found '\(currency)'\(nearest)")
    }
    if let zone, ZoneTable(name: zone) == nil {
      throw PipelineError(.usage, "--zone: expected an IANA name such as Europe/Berlin, found '\(zone)'")
    }
    let fields = PipelineKeys.sections["feeds.transactions.columns"] ?? []
    for field in columns.keys.sorted() where !fields.contains(field) {
      let nearest = Spelling.suggestion(for: field, among: fields)
      throw PipelineError(.usage, "--map: there is no field '\(field)'\(nearest)", details: ["fields: " + fields.joined(separator: ", ")])
    }
  }
}
