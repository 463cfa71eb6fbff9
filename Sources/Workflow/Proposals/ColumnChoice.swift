import Columns
import Dumps

/// Which column of a sample carries which field, by name and by content.
struct ColumnChoice {
  struct Chosen {
    var profile: ColumnProfile
    /// Of the name, 0…100; 0: by content alone.
    var score: Int
    /// By the command line.
    var isGiven = false
    /// Another column whose name fits nearly as well.
    var rival: String?
    /// What speaks against it.
    var doubt: String?
    /// What would do beside a column.
    var otherwise: String?
  }
  let profiles: [ColumnProfile]
  private(set) var chosen: [TransactionField: Chosen] = [:]
  /// Why a column of the right name is none.
  private(set) var leftOut: [TransactionField: String] = [:]
  private let hasRows: Bool

  subscript(field: TransactionField) -> ColumnProfile? { chosen[field]?.profile }

  /// - Throws: 64 for a given column that is not there; 65 where no column can be a field that every transaction has.
  init(_ profiles: [ColumnProfile], _ table: SampleTable, given: [String: String], path: String) throws(PipelineError) {
    self.profiles = profiles
    let names = table.names
    hasRows = table.rowCount > 0
    try take(given, names)
    let left = given.filter { $0.value == "null" }.compactMap { TransactionField(rawValue: $0.key) }
    chooseByName(without: Set(left))
    settleAmount(table)
    if chosen[.discount] == nil, let shares = profiles.first(where: { FieldNames.score($0.name, .discount) >= 40 && $0.numbers.isNumber }) {
      leftOut[.discount] = "column \(SniffText.shown(shares.name)) holds shares, not money"
    }
    try chooseByContent(.occurredAt, path, names) { $0.times.isTime && !$0.times.isEpoch }
    try chooseByContent(.customerID, path, names) {
      !$0.times.isTime && $0.values > 0 && $0.distinct * 10 < $0.values * 9 && $0.distinct > 1 && $0.numbers.best.decimalsMax == 0
    }
    if self[.amount] == nil && !(self[.quantity] != nil && self[.unitPrice] != nil) {
      try chooseByContent(.amount, path, names) { $0.numbers.isNumber && !$0.times.isTime && $0.numbers.best.decimalsMax > 0 }
    }
  }

  private mutating func take(_ given: [String: String], _ names: [String]) throws(PipelineError) {
    for (field, name) in given.sorted(by: { $0.key < $1.key }) where name != "null" {
      guard let known = TransactionField(rawValue: field) else { continue }
      guard let profile = profiles.first(where: { $0.name == name }) else {
        let nearest = Spelling.suggestion(for: name, among: names)
        throw PipelineError(.usage, "--map \(field): there is no column \(Pipeline.quoted(name)) that can be mapped\(nearest)")
      }
      chosen[known] = Chosen(profile: profile, score: 100, isGiven: true)
    }
  }

  private mutating func chooseByName(without left: Set<TransactionField>) {
    var pairs: [(score: Int, field: TransactionField, column: ColumnProfile)] = []
    for field in TransactionField.allCases where chosen[field] == nil && !left.contains(field) {
      for profile in profiles {
        let score = FieldNames.score(profile.name, field)
        if score >= 40 && holds(profile, field) { pairs.append((score, field, profile)) }
      }
    }
    let order = TransactionField.allCases
    pairs.sort {
      ($1.score, order.firstIndex(of: $0.field) ?? 0, $0.column.index) < ($0.score, order.firstIndex(of: $1.field) ?? 0, $1.column.index)
    }
    for pair in pairs {
      if let taken = chosen[pair.field] {
        if !taken.isGiven && taken.rival == nil && taken.score - pair.score <= 12 && !isTaken(pair.column) {
          chosen[pair.field]?.rival = pair.column.name
        }
      } else if !isTaken(pair.column) {
        chosen[pair.field] = Chosen(profile: pair.column, score: pair.score)
      }
    }
    // A rival that became another field is none.
    for (field, choice) in chosen {
      if let rival = choice.rival, chosen.values.contains(where: { $0.profile.name == rival }) { chosen[field]?.rival = nil }
    }
  }

  private func isTaken(_ profile: ColumnProfile) -> Bool { chosen.values.contains { $0.profile.index == profile.index } }

  /// Whether a column's values can be such a field; with no values everything can.
  private func holds(_ profile: ColumnProfile, _ field: TransactionField) -> Bool {
    if profile.values == 0 { return !hasRows }
    switch field {
    case .occurredAt, .updatedAt: return profile.times.isTime
    case .discount where profile.numbers.best.largest <= 1_000_000 && profile.numbers.best.decimalsMax > 0:
      return false
    case .amount, .quantity, .unitPrice, .discount, .cost:
      return profile.numbers.isNumber && !(profile.times.isTime && !profile.times.isEpoch)
    case .line: return profile.numbers.isNumber && profile.numbers.best.decimalsMax == 0 && !profile.times.isTime
    case .kind: return KindWords.refunds(profile.words) != nil
    case .customerID: return !(profile.times.isTime && !profile.times.isEpoch)
    // A transaction has not hundreds of lines.
    case .transactionID:
      return !(profile.times.isTime && !profile.times.isEpoch) && (profile.values < 50 || profile.distinct * 200 >= profile.values)
    case .category, .channel: return !(profile.times.isTime && !profile.times.isEpoch) && profile.distinct <= 30_000
    }
  }

  /// Either an amount, or quantity and unit price; a price alone is the amount.
  private mutating func settleAmount(_ table: SampleTable) {
    if let amount = chosen[.amount] {
      let check = AmountCheck(
        table, amount: amount.profile, quantity: self[.quantity], price: self[.unitPrice], id: self[.transactionID])
      let isPossible = chosen[.quantity] != nil && chosen[.unitPrice] != nil && !amount.isGiven
      if isPossible && check.isRepeatedTotal { return chosen[.amount] = nil }
      if check.compared > 0 && !check.isProduct { chosen[.amount]?.otherwise = "quantity × unit_price" }
      if check.isRepeatedTotal && !isPossible { chosen[.amount]?.doubt = "rows of a transaction repeat it: perhaps the total of them all" }
      if chosen[.quantity]?.isGiven != true { chosen[.quantity] = nil }
      if chosen[.unitPrice]?.isGiven != true { chosen[.unitPrice] = nil }
    } else if let price = chosen[.unitPrice], chosen[.quantity] == nil {
      chosen[.unitPrice] = nil
      chosen[.amount] = price
    } else if chosen[.unitPrice] == nil {
      chosen[.quantity] = nil
    }
  }

  /// Takes a field back whose values turned out to be none.
  mutating func leaveOut(_ field: TransactionField, _ reason: String) {
    chosen[field] = nil
    leftOut[field] = reason
  }

  /// The column with the most distinct values of those that can be the field.
  private mutating func chooseByContent(
    _ field: TransactionField, _ path: String, _ names: [String], _ isLikely: (ColumnProfile) -> Bool
  ) throws(PipelineError) {
    if chosen[field] != nil { return }
    let likely = profiles.filter { !isTaken($0) && isLikely($0) }.sorted { ($1.distinct, $0.index) < ($0.distinct, $1.index) }
    if let best = likely.first {
      chosen[field] = Chosen(profile: best, score: 0, rival: likely.dropFirst().first?.name)
      return
    }
    let what = field == .customerID ? "a customer" : field == .amount ? "an amount, or quantity and price" : "a time"
    throw PipelineError(
      .badInput, "\(path): no column looks like \(what)",
      details: ["columns: " + names.prefix(30).map { Pipeline.quoted(String($0.prefix(40))) }.joined(separator: ", ")],
      fix: "say which one it is: --map \(field.rawValue)=COLUMN")
  }
}

/// Words of kind columns.
enum KindWords {
  private static let purchases: Set<String> = [
    "purchase", "sale", "sales", "sell", "sold", "buy", "order", "invoice", "debit", "s", "p", "sl", "inv", "verkauf", "kauf", "rechnung",
    "bestellung", "vente", "achat", "facture", "venta", "compra", "factura", "vendita", "acquisto", "fattura", "verkoop", "aankoop",
    "venda",
    "sprzedaz", "zakup", "forsaljning", "kop", "salg", "kob", "completed", "complete", "paid",
  ]
  private static let returns: Set<String> = [
    "refund", "refunded", "return", "returned", "credit", "creditnote", "creditmemo", "reversal", "cancellation", "cancelled", "canceled",
    "cancel", "storno", "r", "c", "cn", "ret", "retoure", "ruckgabe", "rueckgabe", "gutschrift", "erstattung", "ruckerstattung",
    "remboursement", "retour", "avoir", "devolucion", "reembolso", "abono", "reso", "rimborso", "notacredito", "notadicredito",
    "terugbetaling", "creditnota", "zwrot", "korekta", "retur", "kreditnota", "aterbetalning", "devolucao", "iade",
  ]

  /// The words of refunds and of purchases among a column's few words; nil where it is no kind column.
  static func refunds(_ words: [String: Int]) -> (purchases: [String], refunds: [String], unknown: [String])? {
    guard (1...12).contains(words.count) else { return nil }
    let sorted = words.keys.sorted()
    func among(_ known: Set<String>) -> [String] { sorted.filter { known.contains(FieldNames.words($0).joined()) } }
    let (bought, returned) = (among(purchases), among(returns))
    if bought.isEmpty { return nil }
    return (bought, returned, sorted.filter { !bought.contains($0) && !returned.contains($0) })
  }
}
