import Columns
import Models

/// What was fitted as of a day.
package struct FittedModels: Sendable, Hashable, Codable {
  package var asOf: Day
  /// ISO 4217: values are in its major units.
  package var currency: String
  package var models: [ModelRecord]
  /// nil: not asked for.
  package var learned: LearnedChurn?

  package init(asOf: Day, currency: String, models: [ModelRecord], learned: LearnedChurn? = nil) {
    self.asOf = asOf
    self.currency = currency
    self.models = models
    self.learned = learned
  }

  package var isSound: Bool { models.allSatisfy(\.isSound) && learned?.isSound ?? true }

  private func parameters(_ model: String) -> [String: Double]? { models.first { $0.model == model }?.parameters }

  /// nil: none was fitted, or it failed; here and below.
  var purchaseModel: PurchaseModel? {
    models.lazy.filter { $0.trial?.isWinner != false }.compactMap(\.purchaseModel).first
  }

  var valueModel: GammaGamma? {
    guard let parameters = parameters("gamma_gamma"), let p = parameters["p"], let q = parameters["q"], let v = parameters["v"] else {
      return nil
    }
    return GammaGamma(p: p, q: q, v: v)
  }

  var marginShare: Double? { parameters("margin")?["share"] }

  /// Whether all that is wanted was fitted.
  package func covers(_ wanted: WantedValues) -> Bool {
    (!wanted.purchases || purchaseModel != nil) && (!wanted.values || valueModel != nil) && (!wanted.margin || marginShare != nil)
      && (!wanted.learned || learned?.fit != nil)
  }

  /// Whether all that is wanted was fitted, and the model of purchases that is asked for was asked for then too.
  package func isFit(for wanted: WantedValues) -> Bool {
    let asked = models.first { PurchaseModelName(rawValue: $0.model) != nil }.map { $0.askedFor ?? PurchaseModelName.bgNBD.rawValue }
    return covers(wanted) && (!wanted.purchases || asked == wanted.purchaseModel)
  }

  /// Whether customers may be picked by the model of purchases: a backtest that it lost against a simple rule says no.
  package var mayDecide: Bool { !models.contains { $0.trial?.isWinner == true && $0.trial?.beatsBaselines == false } }

  /// Whether anything was fitted that may be of use another day.
  package var isWorthKeeping: Bool { purchaseModel != nil || valueModel != nil || learned?.fit != nil }
}
