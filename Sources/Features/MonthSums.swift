/// One customer's month.
struct MonthSums {
  var purchases: Int64 = 0
  var refunds: Int64 = 0
  var gross: Int64 = 0
  var refunded: Int64 = 0
  /// Both are sums of amounts, so their difference fits.
  var net: Int64 { gross &- refunded }
}
