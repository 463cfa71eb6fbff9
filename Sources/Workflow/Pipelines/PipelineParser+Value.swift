import Columns
import Dumps
import Models
import Scores

/// The section `value`.
extension PipelineParser {
  /// - Parameter mapping: of the transactions: what columns of customers are made of.
  mutating func readValue(_ section: NodeReader.Section, _ mapping: TransactionMapping) -> WrittenValue {
    var value = WrittenValue()
    value.model = readModel(section)
    value.contract = readContract(section, value.model)
    value.covariates = readCovariates(section, value.model, mapping)
    value.learned = readLearned(section)
    value.risk = readRisk(section, value.model)
    value.fit = readFit(section)
    value.driftLimit = reader.number("drift_limit", in: section, 0.01...10)
    value.riskHorizonDays = reader.days("risk_horizon", in: section, 1...3650)
    value.clvHorizonDays = reader.days("clv_horizon", in: section, 1...3650)
    value.clvStepDays = reader.days("clv_step", in: section, 1...3650)
    let defaults = ValueOptions()
    let horizon = value.clvHorizonDays ?? defaults.clvHorizonDays, step = value.clvStepDays ?? defaults.clvStepDays
    if step > horizon {
      let mark = (section.values["clv_step"] ?? section.values["clv_horizon"])?.mark
      reader.report(mark, "value: the step of \(step)d is longer than the horizon of \(horizon)d")
    }
    value.discountPerYear = reader.share("discount_per_year", in: section)
    value.margin = readMargin(section)
    value.tiers = readTiers(section)
    return value
  }

  private mutating func readModel(_ section: NodeReader.Section) -> WrittenValue.Model? {
    guard let text = reader.text("model", in: section) else { return nil }
    if text == "auto" { return .auto }
    if text == ModelRecord.contractsName { return .contracts }
    if let name = PurchaseModelName(rawValue: text) { return .named(name) }
    let known = ["auto"] + PurchaseModelName.allCases.map(\.rawValue) + [ModelRecord.contractsName]
    let suggestion = Spelling.suggestion(for: text, among: known)
    reader.report(
      section.values["model"]?.mark,
      "value.model: expected \(known.dropLast().joined(separator: ", ")) or \(known[known.count - 1]), "
        + "found \(reader.shown(text))\(suggestion)")
    return nil
  }

  private mutating func readLearned(_ section: NodeReader.Section) -> LearnedMethod? {
    guard let text = reader.text("learned", in: section) else { return nil }
    let known = LearnedMethod.allCases.map(\.rawValue)
    guard let method = LearnedMethod(rawValue: text) else {
      let suggestion = Spelling.suggestion(for: text, among: known)
      reader.report(
        section.values["learned"]?.mark, "value.learned: expected logistic, trees or auto, found \(reader.shown(text))\(suggestion)")
      return nil
    }
    if method != .logistic, !ChurnTrees.isAvailable {
      reader.report(
        section.values["learned"]?.mark,
        "value.learned: \(text) needs boosted trees, which this holdfast was built without; \(ChurnTrees.howToBuild)")
    }
    return method
  }

  private mutating func readRisk(_ section: NodeReader.Section, _ model: WrittenValue.Model?) -> RiskSource? {
    guard let text = reader.text("risk", in: section) else { return nil }
    if let source = RiskSource(rawValue: text) {
      if source == .survival, !(model?.takesContracts ?? false) {
        reader.report(section.values["risk"]?.mark, "value.risk: survival is of contracts, which value.model: sbg asks for, and auto tries")
      }
      return source
    }
    let suggestion = Spelling.suggestion(for: text, among: RiskSource.allCases.map(\.rawValue))
    reader.report(
      section.values["risk"]?.mark, "value.risk: expected model, learned, survival or auto, found \(reader.shown(text))\(suggestion)")
    return nil
  }

  private mutating func readFit(_ section: NodeReader.Section) -> FitCadence? {
    guard let text = reader.text("fit", in: section) else { return nil }
    if let cadence = FitCadence(rawValue: text) { return cadence }
    let known = FitCadence.allCases.map(\.rawValue)
    let suggestion = Spelling.suggestion(for: text, among: known)
    let expected = "nightly, weekly, on-drift or never"
    reader.report(section.values["fit"]?.mark, "value.fit: expected \(expected), found \(reader.shown(text))\(suggestion)")
    return nil
  }

  private mutating func readMargin(_ section: NodeReader.Section) -> WrittenValue.Margin? {
    guard let node = section.values["margin"] else { return nil }
    if case .scalar(let scalar) = node, scalar.string == "auto" { return .auto }
    return reader.share(node, "value.margin", "auto or a number from 0 to 1").map { .share($0) }
  }

  private mutating func readTiers(_ section: NodeReader.Section) -> [Double]? {
    guard let node = section.values["tiers"] else { return nil }
    let expected = "1 to 9 rising numbers between 0 and 1, such as [0.5, 0.8, 0.95]"
    guard case .sequence(let sequence) = node else {
      reader.report(node.mark, "value.tiers: expected \(expected), found \(reader.kind(of: node))")
      return nil
    }
    var shares: [Double] = []
    for (index, element) in sequence.enumerated() {
      guard let share = reader.share(element, "value.tiers[\(index)]", "a number from 0 to 1") else { return nil }
      shares.append(share)
    }
    let isRising = zip(shares, shares.dropFirst()).allSatisfy { $0 < $1 }
    if (1...9).contains(shares.count), isRising, shares.allSatisfy({ $0 > 0 && $0 < 1 }) { return shares }
    let found = shares.isEmpty ? "none" : shares.map { "\($0)" }.joined(separator: ", ")
    reader.report(node.mark, "value.tiers: expected \(expected), found \(found)")
    return nil
  }
}
