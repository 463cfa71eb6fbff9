import Columns
import Features

/// `value.contract`.
extension PipelineParser {
  mutating func readContract(_ value: NodeReader.Section, _ model: WrittenValue.Model?) -> ContractWish? {
    guard value.values["contract"] != nil else { return nil }
    let section = reader.section("contract", in: value)
    var wish = ContractWish()
    wish.period = readPeriod(section) ?? .auto
    wish.graceDays = readGrace(section, wish.period)
    if wish != ContractWish(), !(model?.takesContracts ?? false) {
      reader.report(section.mark, "value.contract: it is of sBG, which value.model: sbg asks for, and auto tries")
    }
    return wish
  }

  private mutating func readPeriod(_ section: NodeReader.Section) -> ContractWish.Period? {
    guard let text = reader.text("period", in: section), text != "auto" else { return nil }
    let named = ContractWish.Period.named, range = ContractTerms.periodDays
    if let period = named.first(where: { $0.name == text }) { return .days(period.days) }
    if let days = NodeReader.days(text), range.contains(days) { return .days(Double(days)) }
    let suggestion = Spelling.suggestion(for: text, among: ["auto"] + named.map(\.name))
    reader.report(
      section.values["period"]?.mark,
      "value.contract.period: expected auto, week, month, quarter, year or days from \(range.lowerBound)d to \(range.upperBound)d, found "
        + "\(reader.shown(text))\(suggestion)")
    return nil
  }

  private mutating func readGrace(_ section: NodeReader.Section, _ period: ContractWish.Period) -> Int? {
    if reader.isAuto("grace", in: section) { return nil }
    guard let days = reader.days("grace", in: section, 1...ContractTerms.periodDays.upperBound / 2) else { return nil }
    // Of one that is found from the data, half of it is the most, too.
    guard case .days(let length) = period else { return days }
    let most = ContractTerms.graceMost(ofDays: length)
    if days <= most { return days }
    reader.report(section.values["grace"]?.mark, "value.contract.grace: expected \(most)d at most with that period, found '\(days)d'")
    return nil
  }
}

extension WrittenValue.Model {
  var takesContracts: Bool {
    switch self {
    case .auto, .contracts: true
    case .named: false
    }
  }
}
