/// When the models are fitted anew.
package enum FitCadence: String, Sendable, CaseIterable {
  case nightly, weekly, never

  /// Days for which a fit serves, the day it was made on included.
  var servesDays: Int {
    switch self {
    case .nightly: 1
    case .weekly: 7
    case .never: .max
    }
  }
}
