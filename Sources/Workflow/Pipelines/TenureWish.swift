/// What is asked for of how long customers stay.
package enum TenureWish: String, Sendable, CaseIterable {
  case none
  /// Curves by how they began.
  case curves
  /// And what of it goes with leaving.
  case drivers
}
