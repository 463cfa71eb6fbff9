import Buffers
import Columns
import Dumps

/// What rows tell as rows: refunds, customers, what makes a row the same row.
extension Sniffer {
  // MARK: customers

  mutating func decideCustomers() {
    guard let column = choice[.customerID], rowCount > 0 else { return }
    skipsRowsWithoutCustomer = column.empty > 0
    if column.empty > 0 {
      add("empty_customer", "skip", Self.share(column.empty, rowCount, "rows have no customer: left out, and counted as filtered"))
    }
    if column.values > 100, column.distinct > 10, column.mostFrequent * 10 > column.values {
      add(
        "nulls", "[…]",
        "one customer has \(Self.share(column.mostFrequent, column.values, "rows")): if that id stands for nobody, name it here",
        .assumed, isHint: true)
    }
  }

  // MARK: refunds

  /// −1, 0 or 1 for what a row says of money; nil where it says nothing that can be read, or is left out.
  private func sign(_ row: Int, _ readings: [(TransactionField, NumberReading)]) -> Int? {
    if skipsRowsWithoutCustomer && value(.customerID, row) == nil { return nil }
    var sign = 1
    for (field, reading) in readings {
      guard let bytes = value(field, row), let number = reading.value(bytes) else { return nil }
      sign *= Int(number.signum())
    }
    return sign
  }

  private var signs: [Int?] {
    let fields: [TransactionField] = choice[.amount] != nil ? [.amount] : [.quantity, .unitPrice]
    let readings = fields.map { ($0, NumberReading(columnNumbers[$0] ?? numbers, fractionDigits: 6, takesExponents: dumps.isJSON)) }
    return (0..<rowCount).map { sign($0, readings) }
  }

  mutating func decideRefunds() {
    let signs = signs, negative = signs.count { $0 == -1 }, rows = signs.count { $0 != nil }
    if negative == 0, let kinds = choice[.kind], let words = KindWords.refunds(kinds.words) {
      usesKindColumn = true
      add("kinds.purchase", Pipeline.list(words.purchases), Self.share(count(kinds, words.purchases), kinds.values, "rows"))
      // Where no refund was seen, the usual word for one stands.
      if !words.refunds.isEmpty {
        add("kinds.refund", Pipeline.list(words.refunds), Self.share(count(kinds, words.refunds), kinds.values, "rows"))
      }
      if !words.unknown.isEmpty {
        add(
          "kinds.refund", Pipeline.list(words.refunds + words.unknown),
          "what are \(words.unknown.map { SniffText.shown($0) }.joined(separator: ", "))? such rows are rejects until a list names them",
          .uncertain,
          isHint: true)
      }
      return add("refunds.by", "kind", "no amount is negative, and \(SniffText.shown(kinds.name)) tells")
    }
    guard negative > 0 else {
      return add(
        "refunds.by", "kind", rows == 0 ? "there are no rows to tell" : "no amount is negative: all rows are purchases",
        rows == 0 ? .uncertain : .sure)
    }
    if let prefix = refundPrefix(signs) {
      refunds = .idPrefix([prefix.text])
      add("refunds.by", "id_prefix", "\(Self.share(negative, rows, "amounts are negative")), all of them where the id begins so")
      return add("refunds.id_prefixes", Pipeline.list([prefix.text]), "\(PageText.grouped(Int64(prefix.rows))) rows, none of them above 0")
    }
    refunds = .sign
    let isMost = negative * 2 > rows
    add(
      "refunds.by", "sign", Self.share(negative, rows, "amounts are negative"), isMost ? .uncertain : .sure,
      otherwise: isMost ? "the dump writes purchases as negative amounts, which no key turns round" : nil)
  }

  /// Where signs say nothing, negative discounts and costs would be rejects.
  mutating func leaveOutNegatives() {
    guard refunds == .kind else { return }
    for field in [TransactionField.discount, .cost] {
      guard let profile = choice[field], profile.numbers.best.negative > 0 else { continue }
      choice.leaveOut(field, "column \(SniffText.shown(profile.name)) holds negative numbers")
    }
  }

  private func count(_ column: ColumnProfile, _ words: [String]) -> Int { words.reduce(0) { $0 + (column.words[$1] ?? 0) } }

  /// Letters that begin the ids of all negative rows, of no positive one.
  private func refundPrefix(_ signs: [Int?]) -> (text: String, rows: Int)? {
    guard choice[.transactionID] != nil, let first = signs.firstIndex(of: -1), let id = value(.transactionID, first) else { return nil }
    let prefix = id.prefix { $0 | 0x20 >= 97 && $0 | 0x20 <= 122 }
    guard (1...4).contains(prefix.count), prefix.count < id.count else { return nil }
    var rows = 0
    for (row, sign) in signs.enumerated() {
      guard let sign else { continue }
      let begins = value(.transactionID, row)?.starts(with: prefix) ?? false
      if begins { rows += 1 }
      if begins ? sign > 0 : sign < 0 { return nil }
    }
    return (String(decoding: prefix, as: UTF8.self), rows)
  }

  // MARK: identity

  mutating func decideIdentity() {
    guard choice[.transactionID] != nil else {
      identity = ["line"]
      return add(
        "identity", "[line]",
        "no transaction id: equal rows of a dump are so many lines, and the same rows in another dump are the same ones")
    }
    let repeats = repeats()
    if repeats.differing == 0 || choice[.updatedAt] != nil && repeats.differing * 20 < rowCount {
      identity = ["transaction_id", "kind"]
      let found =
        repeats.rows == 0
        ? "no id comes twice"
        : "\(PageText.grouped(Int64(repeats.rows))) rows repeat an id\(repeats.differing == 0 ? ", all of them word for word" : "; the newest counts")"
      return add(
        "identity", "[transaction_id, kind]", rowCount == 0 ? "there are no rows to tell" : found, rowCount == 0 ? .uncertain : .sure)
    }
    // A number that comes again within a transaction numbers no lines.
    usesLineColumn = choice[.line] != nil && repeats.sameLine * 20 < repeats.rows
    identity = usesLineColumn && (refunds == .sign || usesKindColumn) ? ["transaction_id", "kind", "line"] : ["transaction_id", "line"]
    let lines = usesLineColumn ? "the line column tells them apart" : "equal rows of a dump are so many lines"
    let text = "[" + identity.joined(separator: ", ") + "]"
    let evidence = "\(Self.share(repeats.differing, rowCount, "rows")) are further lines of a transaction; \(lines)"
    if repeats.otherCustomer * 20 > repeats.differing {
      return add(
        "identity", text,
        "\(evidence); \(PageText.grouped(Int64(repeats.otherCustomer))) of them name another customer than the line before", .uncertain,
        otherwise: "the id is none, and transaction_id is to be null")
    }
    // A few rows that differ may be corrections as well as lines.
    let isRare = repeats.differing * 100 < rowCount
    add(
      "identity", text, evidence, isRare ? .uncertain : .sure,
      otherwise: isRare ? "[transaction_id, kind], where such rows are corrections of each other" : nil)
  }

  private struct Repeats {
    /// Rows whose id and kind stood in a row before.
    var rows = 0
    /// Of those, rows with other values.
    var differing = 0
    var otherCustomer = 0
    var sameLine = 0
  }

  private func repeats() -> Repeats {
    struct Known {
      var contents: Set<Int>
      var lines: Set<Int>
      var customer: Int
    }
    var result = Repeats(), known: [Int: Known] = [:]
    let signs = refunds == .sign ? signs : []
    for row in 0..<rowCount {
      guard let id = value(.transactionID, row) else { continue }
      if skipsRowsWithoutCustomer && value(.customerID, row) == nil { continue }
      var key = Hasher(), contents = Hasher()
      key.combine(id)
      key.combine(signs.isEmpty ? false : signs[row] == -1)
      if usesKindColumn { key.combine(value(.kind, row)) }
      for column in table.names.indices { contents.combine(table.value(column, row)) }
      let hash = key.finalize(), content = contents.finalize()
      let customer = value(.customerID, row).hashValue, line = value(.line, row).hashValue
      if var before = known[hash] {
        result.rows += 1
        if !before.contents.contains(content) { result.differing += 1 }
        if before.customer != customer { result.otherCustomer += 1 }
        if before.lines.contains(line) { result.sameLine += 1 }
        before.contents.insert(content)
        before.lines.insert(line)
        known[hash] = before
      } else {
        known[hash] = Known(contents: [content], lines: [line], customer: customer)
      }
    }
    return result
  }
}
