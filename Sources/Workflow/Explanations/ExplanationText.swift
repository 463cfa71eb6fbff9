/// One customer as a page of 80 columns.
enum ExplanationText {
  private static let width = PageText.width
  private static let nameWidth = 24
  private static let valueWidth = 12
  /// Where meanings begin.
  private static let meaningColumn = 2 + nameWidth + valueWidth + 2

  static func text(_ facts: Explanation) -> String {
    let blocks = [title(facts), EventLines.lines(facts, width: width), values("Features", facts.features), values("Scores", facts.scores)]
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private static func title(_ facts: Explanation) -> [String] {
    PageText.wrapped("holdfast · \(facts.pipeline) · customer \(Streams.printable(facts.customerId)) · as of \(facts.asOf)", width)
      + [String(repeating: "─", count: width)]
  }

  private static func values(_ title: String, _ values: [Explanation.Value]) -> [String] {
    [title] + values.filter { $0.value != .none }.flatMap(lines) + missing(values.filter { $0.value == .none })
  }

  /// Name and value, the meaning beside them, and below what a score was made of.
  private static func lines(_ value: Explanation.Value) -> [String] {
    let shown = text(value.value)
    let isSaid = value.unit.isEmpty || value.unit == "count" || value.name.hasSuffix("_" + value.unit)
    let room = width - meaningColumn
    var meaning = PageText.wrapped(value.meaning + (isSaid ? "" : " [\(value.unit)]"), room)
    if let basis = value.basis { meaning += PageText.wrapped(sentence(basis), room) }
    let indent = String(repeating: " ", count: meaningColumn)
    let name = "  " + PageText.atLeft(value.name, nameWidth)
    if name.count > 2 + nameWidth || shown.count > valueWidth {
      // Name and value take a line of their own, or two.
      return [name + " " + PageText.clipped(shown, max(0, width - name.count - 1))] + meaning.map { indent + $0 }
    }
    let head = name + PageText.atRight(shown, valueWidth) + "  "
    return [head + (meaning.first ?? "")] + meaning.dropFirst().map { indent + $0 }
  }

  /// Columns without a value, by the reason, in the order of the first.
  private static func missing(_ values: [Explanation.Value]) -> [String] {
    let reasons = values.map(\.nullWhen).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return reasons.flatMap { reason in
      let names = values.filter { $0.nullWhen == reason }.map(\.name).joined(separator: ", ")
      return PageText.wrapped("no value, since \(reason):", width - 2).map { "  " + $0 }
        + PageText.wrapped(names, width - 6).map { "      " + $0 }
    }
  }

  private static func sentence(_ basis: Explanation.Basis) -> String {
    guard let feature = basis.feature, let value = basis.value, let thresholds = basis.thresholds, let highest = thresholds.last else {
      return basis.rule
    }
    // A threshold equal to the one before is a score that nobody can have.
    let possible = thresholds.indices.filter { $0 == 0 || thresholds[$0] != thresholds[$0 - 1] }
    let parts = possible.map { "\($0 + 1) up to \(text(thresholds[$0]))" }
    return "\(feature) is \(text(value)): \(parts.joined(separator: ", ")), \(thresholds.count + 1) above \(text(highest))"
  }

  private static func text(_ value: CellValue) -> String {
    switch value {
    case .none: "–"
    case .text(let text): Streams.printable(text)
    case .integer(let number): PageText.grouped(number)
    case .real(let number): real(number)
    }
  }

  /// Four digits behind the point, without the zeros at the end; what is closer to 0 than that in full.
  static func real(_ number: Double) -> String {
    let scaled = (number * 10_000).rounded()
    guard scaled.isFinite, abs(scaled) < 1e17, number == 0 || abs(scaled) >= 100 else { return "\(number)" }
    var text = PageText.money(Int64(scaled), fractionDigits: 4)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
