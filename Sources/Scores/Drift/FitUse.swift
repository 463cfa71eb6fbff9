/// Where the models of a day come from, and how its customers differ from those that models were fitted to before.
package struct FitUse: Sendable, Hashable, Codable {
  /// Why they were fitted anew, or were not.
  package var reason: String
  /// nil: there is no earlier fit to compare with, or nothing was kept of its customers.
  package var drift: DriftReport?

  package init(reason: String, drift: DriftReport? = nil) { (self.reason, self.drift) = (reason, drift) }
}
