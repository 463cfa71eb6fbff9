import Columns
import Dumps
import Features
import Scores

/// `value.covariates`.
extension PipelineParser {
  /// Columns that are static, but no covariates.
  private static let days = ["first_purchase", "cohort_month"]

  /// - Parameter mapping: of the transactions: what columns of customers are made of.
  mutating func readCovariates(
    _ section: NodeReader.Section, _ model: WrittenValue.Model?, _ mapping: TransactionMapping
  ) -> [Covariate]? {
    guard let names = reader.texts("covariates", in: section) else { return nil }
    let mark = section.values["covariates"]?.mark, known = Covariate.allCases.map(\.rawValue)
    let columns = featureColumnDefinitions.map(\.name).dropFirst() + scoreColumnNames + learnedColumnNames
    var covariates: [Covariate] = []
    for name in names {
      if let covariate = Covariate(rawValue: name) {
        covariates.append(covariate)
        if let field = covariate.field, !mapping.has(field) {
          reader.report(
            mark, "value.covariates: \(name) is made of the transactions' \(field.rawValue), which no column of the dumps is mapped to")
        }
      } else if Self.days.contains(name) {
        reader.report(mark, "value.covariates: \(reader.shown(name)) has too many values to tell apart; write cohort_quarter")
      } else if columns.contains(name) {
        reader.report(
          mark,
          "value.covariates: \(reader.shown(name)) is not static, it changes with what the customer does later; static are "
            + known.joined(separator: ", "))
      } else {
        let suggestion = Spelling.suggestion(for: name, among: known)
        reader.report(mark, "value.covariates: expected \(known.joined(separator: ", ")), found \(reader.shown(name))\(suggestion)")
      }
    }
    if !names.isEmpty, !(model.map(\.takesCovariates) ?? false) {
      reader.report(mark, "value.covariates: they scale Pareto/NBD, which value.model: pareto_nbd asks for, and auto tries")
    }
    return covariates
  }
}

extension WrittenValue.Model {
  fileprivate var takesCovariates: Bool {
    switch self {
    case .auto, .named(.paretoNBD): true
    case .named, .contracts: false
    }
  }
}

extension Covariate {
  /// What it is made of beside the time; nil: of nothing else.
  fileprivate var field: TransactionField? {
    switch self {
    case .firstChannel: .channel
    case .firstCategory: .category
    case .cohortQuarter: nil
    }
  }
}
