import Columns
import Yams

/// Something wrong in a pipeline file, and where: line and column from 1.
struct PipelineProblem: Hashable {
  var line: Int
  var column: Int
  var message: String
}

/// Typed values out of YAML nodes. What does not fit becomes a problem and reads as nil, so that one reading gathers all problems.
struct NodeReader {
  /// A mapping whose keys are all known.
  struct Section {
    var path: String
    var mark: Mark?
    var values: [String: Node]
  }
  private(set) var problems: [PipelineProblem] = []

  mutating func report(_ mark: Mark?, _ message: String) {
    problems.append(PipelineProblem(line: mark?.line ?? 1, column: mark?.column ?? 1, message: message))
  }

  /// The mapping at `node`, without the keys that `PipelineKeys` does not list (or `known`, where given); they are reported.
  mutating func section(_ path: String, _ node: Node, known keys: [String]? = nil) -> Section {
    var section = Section(path: path, mark: node.mark, values: [:])
    // A key with nothing behind it is an empty section.
    if isNull(node) { return section }
    guard case .mapping(let mapping) = node else {
      report(node.mark, "\(path.isEmpty ? "the file" : path): expected keys and values, found \(kind(of: node))")
      return section
    }
    let known = keys ?? PipelineKeys.sections[path] ?? []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        report(key.mark, "expected a key, found \(kind(of: key))")
        continue
      }
      if known.contains(scalar.string) {
        section.values[scalar.string] = value
      } else {
        report(scalar.mark, unknown(scalar.string, in: path, known: known))
      }
    }
    return section
  }

  mutating func section(_ key: String, in parent: Section) -> Section {
    let path = parent.path.isEmpty ? key : parent.path + "." + key
    guard let node = parent.values[key] else { return Section(path: path, mark: parent.mark, values: [:]) }
    return section(path, node)
  }

  private func unknown(_ key: String, in path: String, known: [String]) -> String {
    let place = path.isEmpty ? "" : " in \(path)"
    if let nearest = Spelling.nearest(to: key, among: known) { return "unknown key \(shown(key))\(place); did you mean '\(nearest)'?" }
    let elsewhere = PipelineKeys.sections.filter { $0.value.contains(key) }.keys.sorted().first
    if let elsewhere { return "unknown key \(shown(key))\(place); it belongs \(elsewhere.isEmpty ? "at the top" : "in \(elsewhere)")" }
    return "unknown key \(shown(key))\(place); known are \(known.joined(separator: ", "))"
  }

  /// A text that is not empty and holds no control characters.
  mutating func text(_ key: String, in section: Section) -> String? {
    guard let node = section.values[key] else { return nil }
    return text(node, name(key, section))
  }

  private mutating func text(_ node: Node, _ name: String, takesNull: Bool = false) -> String? {
    guard case .scalar(let scalar) = node, takesNull || !isNull(node) else {
      report(node.mark, "\(name): expected a text, found \(kind(of: node))")
      return nil
    }
    guard !scalar.string.isEmpty else {
      report(scalar.mark, "\(name): expected a text, found an empty one")
      return nil
    }
    guard scalar.string.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 || $0 == "\t" }) else {
      report(scalar.mark, "\(name): control characters are not allowed here")
      return nil
    }
    return scalar.string
  }

  mutating func nullable(_ key: String, in section: Section) -> WrittenNullable? {
    guard let node = section.values[key] else { return nil }
    return isNull(node) ? WrittenNullable.none : text(key, in: section).map { .value($0) }
  }

  /// A list of texts that all differ.
  /// - Parameter takesNull: an unquoted NULL is that text, not nothing.
  mutating func texts(_ key: String, in section: Section, takesNull: Bool = false) -> [String]? {
    guard let node = section.values[key] else { return nil }
    let name = name(key, section)
    guard case .sequence(let sequence) = node else {
      let hint = node.scalar.flatMap { isNull(node) ? nil : "; write [\(quoted($0.string))]" } ?? ""
      report(node.mark, "\(name): expected a list, found \(kind(of: node))\(hint)")
      return nil
    }
    var texts: [String] = []
    for (index, element) in sequence.enumerated() {
      guard let text = text(element, "\(name)[\(index)]", takesNull: takesNull) else { continue }
      if texts.contains(text) {
        report(element.mark, "\(name): \(shown(text)) stands twice in the list")
      } else {
        texts.append(text)
      }
    }
    return texts
  }

  mutating func whole<Number: FixedWidthInteger>(_ key: String, in section: Section, _ range: ClosedRange<Number>) -> Number? {
    guard let node = section.values[key] else { return nil }
    let name = name(key, section)
    let (low, high) = (range.lowerBound, range.upperBound)
    let expected = high == Number.max ? "a whole number from \(low)" : "a whole number from \(low) to \(high)"
    guard let digits = plain(node), digits.utf8.drop(while: { $0 == UInt8(ascii: "-") }).allSatisfy({ (48...57).contains($0) }) else {
      report(node.mark, "\(name): expected \(expected), found \(kind(of: node))")
      return nil
    }
    guard let number = Number(digits), range.contains(number) else {
      report(node.mark, "\(name): expected \(expected), found \(shown(digits))")
      return nil
    }
    return number
  }

  /// A decimal number above 0.
  mutating func number(_ key: String, in section: Section, _ range: ClosedRange<Double>) -> Double? {
    guard let node = section.values[key] else { return nil }
    if let digits = plain(node), let number = decimal(digits), range.contains(number) { return number }
    let found = plain(node).map { shown($0) } ?? kind(of: node)
    report(node.mark, "\(name(key, section)): expected a number from \(range.lowerBound) to \(range.upperBound), found \(found)")
    return nil
  }

  /// Digits with a point at most: no sign, no exponent.
  private func decimal(_ text: String) -> Double? {
    text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") } ? Double(text) : nil
  }

  /// A number from 0 to 1.
  mutating func share(_ key: String, in section: Section) -> Double? {
    guard let node = section.values[key] else { return nil }
    return share(node, name(key, section), "a number from 0 to 1")
  }

  /// - Parameter expected: what else is allowed there is said too.
  mutating func share(_ node: Node, _ name: String, _ expected: String) -> Double? {
    guard let digits = plain(node), let number = decimal(digits), (0...1).contains(number) else {
      let found = plain(node).map { shown($0) } ?? kind(of: node)
      report(node.mark, "\(name): expected \(expected), found \(found)")
      return nil
    }
    return number
  }

  /// A number of days, written as in `90d`.
  mutating func days(_ key: String, in section: Section, _ range: ClosedRange<Int>) -> Int? {
    guard let text = text(key, in: section) else { return nil }
    if let days = Self.days(text), range.contains(days) { return days }
    let expected = "days from \(range.lowerBound)d to \(range.upperBound)d, such as 90d"
    report(section.values[key]?.mark, "\(name(key, section)): expected \(expected), found \(shown(text))")
    return nil
  }

  /// Whether a key says no more than its default, `auto`.
  func isAuto(_ key: String, in section: Section) -> Bool { section.values[key].flatMap { plain($0) } == "auto" }

  static func days(_ text: String) -> Int? { text.hasSuffix("d") && !text.hasPrefix("+") ? Int(text.dropLast()) : nil }

  /// Full name of a key.
  func name(_ key: String, _ section: Section) -> String { section.path.isEmpty ? key : section.path + "." + key }

  func isNull(_ node: Node) -> Bool {
    guard let text = plain(node) else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The text of a scalar without quotes.
  private func plain(_ node: Node) -> String? {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return nil }
    return scalar.string
  }

  func kind(of node: Node) -> String {
    switch node {
    case .mapping: "keys and values"
    case .sequence: "a list"
    case .alias: "an alias"
    case .scalar(let scalar): isNull(node) ? "nothing" : "the text \(shown(scalar.string))"
    }
  }

  /// As it may be put into a line of a message: short, and no control characters.
  func shown(_ text: String) -> String {
    let short = text.unicodeScalars.prefix(40).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }.joined()
    return "'\(short)\(text.unicodeScalars.count > 40 ? "…" : "")'"
  }

  private func quoted(_ text: String) -> String { "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
}
