import Buffers

/// Pieces of the text that sniffing writes.
enum SniffText {
  /// As YAML: bare where nothing in it can mean anything, else in double quotes.
  static func scalar(_ text: String) -> String {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let isBare = words.allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 }
    }
    let meanings: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    guard isBare, text.utf8.first.map({ $0 >= 65 }) == true, !meanings.contains(text.lowercased()) else { return Pipeline.quoted(text) }
    return text
  }

  /// A name within a comment or a message.
  static func shown(_ name: String) -> String { Pipeline.quoted(name.count > 40 ? String(name.prefix(40)) + "…" : name) }

  /// The keys of `numbers` that `format` says otherwise.
  static func differences(_ format: NumberFormat, from other: NumberFormat) -> [String] {
    let plain = Pipeline.numbers(format), others = Pipeline.numbers(other)
    return zip(plain, others).filter { $0 != $1 }.map(\.0)
  }
}
