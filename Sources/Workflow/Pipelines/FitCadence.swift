/// When the models are fitted anew.
package enum FitCadence: String, Sendable, CaseIterable {
  case nightly, weekly
  /// When what the models read has shifted since their fit.
  case onDrift = "on-drift"
  case never

  /// Days for which a fit serves, the day it was made on included.
  var servesDays: Int {
    switch self {
    case .nightly: 1
    case .weekly: 7
    case .onDrift, .never: .max
    }
  }
}
