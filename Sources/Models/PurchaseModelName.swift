/// The models of purchases by the names that they have in pipeline files and in the table `models`.
package enum PurchaseModelName: String, Sendable, Hashable, Codable, CaseIterable {
  case bgNBD = "bg_nbd"
  case mbgNBD = "mbg_nbd"
  case paretoNBD = "pareto_nbd"
  case nbd = "nbd"

  /// As the papers write it.
  package var title: String {
    switch self {
    case .bgNBD: "BG/NBD"
    case .mbgNBD: "MBG/NBD"
    case .paretoNBD: "Pareto/NBD"
    case .nbd: "NBD"
    }
  }

  /// In the order of the papers and of `PurchaseFit.standardErrors`, with the unit in the name.
  package var parameterNames: [String] {
    switch self {
    case .bgNBD, .mbgNBD: ["r", "alpha_days", "a", "b"]
    case .paretoNBD: ["r", "alpha_days", "s", "beta_days"]
    case .nbd: ["r", "alpha_days"]
    }
  }
}
