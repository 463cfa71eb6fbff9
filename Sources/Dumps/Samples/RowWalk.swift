/// A walk through CSV text row by row by the reader's rules, plainly: it is for samples.
struct RowWalk {
  struct Field {
    var from: Int
    var to: Int
    var isQuoted = false
    var hasEscapes = false
  }
  private let text: [UInt8]
  private let delimiter: UInt8
  private let quote: UInt8
  private var at = 0
  private(set) var fields: [Field] = []
  private(set) var isMalformed = false
  /// The text ended inside of a quoted field.
  private(set) var isUnclosed = false

  init(_ text: [UInt8], delimiter: UInt8, quote: UInt8) {
    self.text = text
    self.delimiter = delimiter
    self.quote = quote
  }

  var bytesDone: Int { at }

  /// The next row that is not blank; false behind the last.
  mutating func next() -> Bool {
    while at < text.count {
      fields.removeAll(keepingCapacity: true)
      isMalformed = false
      while readField() {}
      if isUnclosed { return false }
      if fields.count == 1 && fields[0].from == fields[0].to && !fields[0].isQuoted { continue }
      return true
    }
    return false
  }

  /// False where the field was the row's last.
  private mutating func readField() -> Bool {
    var field = Field(from: at, to: at)
    if at < text.count && text[at] == quote {
      field.isQuoted = true
      at += 1
      field.from = at
      guard skipQuoted(&field) else { return false }
    }
    let isPlain = !field.isQuoted
    while at < text.count && text[at] != delimiter && text[at] != 10 {
      // Behind a closing quote nothing may stand but the first half of a line's end.
      if !isPlain && !(text[at] == 13 && (at + 1 == text.count || text[at + 1] == 10)) { isMalformed = true }
      at += 1
    }
    if isPlain {
      field.to = at
      if (at == text.count || text[at] == 10) && field.to > field.from && text[field.to - 1] == 13 { field.to -= 1 }
    }
    fields.append(field)
    guard at < text.count else { return false }
    at += 1
    return text[at - 1] == delimiter
  }

  /// From behind the opening quote to behind the closing one; false where there is none.
  private mutating func skipQuoted(_ field: inout Field) -> Bool {
    while at < text.count {
      guard text[at] == quote else {
        at += 1
        continue
      }
      guard at + 1 < text.count && text[at + 1] == quote else {
        field.to = at
        at += 1
        return true
      }
      field.hasEscapes = true
      at += 2
    }
    isUnclosed = true
    return false
  }
}

/// How rows of a text are parted into fields, guessed from its beginning.
package struct DelimiterGuess: Sendable, Hashable {
  package var delimiter = UInt8(ascii: ",")
  package var quote = UInt8(ascii: "\"")
  /// Of the header.
  package var fields = 1
  package var rows = 0
  /// Rows with as many fields as the header and sound quoting.
  package var fitting = 0
  /// Fields in quotes.
  package var quoted = 0

  private static let bytesMax = 512 << 10
  private static let delimiters = Array(",;\t|^~!#*".utf8), quotes = Array("\"'".utf8)

  package init(_ text: [UInt8]) {
    let head = text.count > Self.bytesMax ? Array(text.prefix(Self.bytesMax)) : text
    var best = Self.count(head, Self.delimiters[0], Self.quotes[0])
    for quote in Self.quotes {
      for delimiter in Self.delimiters where head.contains(delimiter) && (quote == Self.quotes[0] || head.contains(quote)) {
        let guess = Self.count(head, delimiter, quote)
        if guess.isBetter(than: best) { best = guess }
      }
    }
    self = best
  }

  private init(delimiter: UInt8, quote: UInt8) {
    self.delimiter = delimiter
    self.quote = quote
  }

  private static func count(_ text: [UInt8], _ delimiter: UInt8, _ quote: UInt8) -> DelimiterGuess {
    var guess = DelimiterGuess(delimiter: delimiter, quote: quote), walk = RowWalk(text, delimiter: delimiter, quote: quote)
    guard walk.next() else { return guess }
    guess.fields = walk.fields.count
    guess.quoted = walk.fields.count { $0.isQuoted }
    while walk.next() {
      guess.rows += 1
      if walk.fields.count == guess.fields && !walk.isMalformed {
        guess.fitting += 1
        guess.quoted += walk.fields.count { $0.isQuoted }
      }
    }
    // An open quote swallows what follows: those rows do not fit.
    if walk.isUnclosed { guess.rows += 1 }
    return guess
  }

  /// One field is no table. Then the share of rows that fit counts, then the quotes that make sense, then the fields.
  private func isBetter(than other: DelimiterGuess) -> Bool {
    if (fields > 1) != (other.fields > 1) { return fields > 1 }
    let share = rows > 0 ? Double(fitting) / Double(rows) : 1, otherShare = other.rows > 0 ? Double(other.fitting) / Double(other.rows) : 1
    if abs(share - otherShare) > 0.02 { return share > otherShare }
    if delimiter == other.delimiter { return quoted > other.quoted }
    return fields > other.fields
  }
}
