/// One customer's month.
struct MonthSums {
  var purchases: Int64 = 0
  var refunds: Int64 = 0
  var gross: Int64 = 0
  var refunded: Int64 = 0
  /// Both are sums of amounts, so their difference fits.
  var net: Int64 { gross &- refunded }
}

/// One month of a bucket's customers while they are walked: the sums that `MetricPartials` keeps in an array each lie side by side here.
struct MonthCell {
  var new: Int64 = 0
  var active: Int64 = 0
  var purchases: Int64 = 0
  var refunds: Int64 = 0
  var gross: Int64 = 0
  var refunded: Int64 = 0
  var formerNet: Int64 = 0
  var retainedNet: Int64 = 0
  var contracted: Int64 = 0

  /// Adds what one customer did in the month.
  @inline(__always)
  mutating func add(_ sums: MonthSums, isFirst: Bool, _ overflow: inout Bool) {
    new &+= isFirst ? 1 : 0
    active &+= sums.purchases > 0 ? 1 : 0
    purchases &+= sums.purchases
    refunds &+= sums.refunds
    let (gross, grossOverflow) = gross.addingReportingOverflow(sums.gross)
    let (refunded, refundedOverflow) = refunded.addingReportingOverflow(sums.refunded)
    (self.gross, self.refunded) = (gross, refunded)
    overflow = overflow || grossOverflow || refundedOverflow
  }

  /// Adds what a customer who bought in the month before brought then and now.
  @inline(__always)
  mutating func retain(former: Int64, now: Int64, _ overflow: inout Bool) {
    // What wraps here does not fit into the gross or the refunds of its month either, which tell.
    formerNet &+= former
    retainedNet &+= now
    if now >= former { return }
    let (less, lessOverflow) = former.subtractingReportingOverflow(now)
    let (contracted, contractedOverflow) = contracted.addingReportingOverflow(less)
    self.contracted = contracted
    overflow = overflow || lessOverflow || contractedOverflow
  }
}
