/// BG/NBD: while alive a customer buys at a rate λ ~ Gamma(r, α), and after each repeat purchase leaves for good with probability
/// p ~ Beta(a, b).
///
/// Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
package struct BGNBD: BetaDropoutModel, Hashable {
  package var r: Double
  package var alphaDays: Double
  package var a, b: Double
  package static let leavesAtOnce = false

  package init(r: Double, alphaDays: Double, a: Double, b: Double) {
    (self.r, self.alphaDays, self.a, self.b) = (r, alphaDays, a, b)
  }
}

/// MBG/NBD: as BG/NBD, but a customer may leave after the first purchase too.
///
/// Sources: Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24(3); Wagner and Hoppe (2008), Marketing
/// Science 27(2).
package struct MBGNBD: BetaDropoutModel, Hashable {
  package var r: Double
  package var alphaDays: Double
  package var a, b: Double
  package static let leavesAtOnce = true

  package init(r: Double, alphaDays: Double, a: Double, b: Double) {
    (self.r, self.alphaDays, self.a, self.b) = (r, alphaDays, a, b)
  }
}
