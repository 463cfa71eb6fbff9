import Boosters
import Columns
import Foundation

/// Boosted trees as the learned churn risk: grown on every input as it is, a NULL being a value of its own.
package struct ChurnTrees: Sendable, Hashable, Codable {
  var options: TreeOptions
  /// Of each input over the customers it was trained on, for words; 0 where all are NULL.
  var means: [Double]
  /// As the library writes them; a file of fitted models holds them beside it.
  package var bytes: Data

  /// So many customers of either outcome are asked for.
  static let customersLeast = 200

  func grown() throws(BoosterError) -> BoostedTrees { try BoostedTrees(bytes: Array(bytes)) }

  /// Whether this binary can grow and read trees.
  package static var isAvailable: Bool { BoostedTrees.isAvailable }

  /// What the library is asked for a kept model.
  static func asked<Answer>(_ question: () throws(BoosterError) -> Answer) throws(PipelineError) -> Answer {
    do throws(BoosterError) { return try question() } catch {
      throw PipelineError(
        .badInput, "the kept trees of the learned churn risk: \(error.message)", fix: isAvailable ? "fit anew" : howToBuild)
    }
  }

  /// For those whose binary has no trees.
  package static let howToBuild = "build with the trait: make build-trees (swift build -c release --traits XGBoost,ISAL; libxgboost-dev)"
}
