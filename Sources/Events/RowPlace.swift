/// A row: segment, stripe, and number in the stripe.
struct RowPlace: Sendable, Hashable {
  var segment: Int
  var stripe: Int
  var row: UInt32
}
