/// The columns of a bucket's customers as they are built, one array each; all have one value a customer. Where a presence array says
/// false the value is 0 and means nothing.
struct CustomerColumns: Sendable {
  /// Has a purchase: what most columns need.
  var bought: [Bool] = []
  var firstDay: [Int32] = []
  var lastDay: [Int32] = []
  var tenure: [Int32] = []
  var recency: [Int32] = []
  var sinceLast: [Int32] = []
  var frequency: [Int32] = []
  var purchases: [Int32] = []
  var refunds: [Int32] = []
  var gross: [Int64] = []
  var repeatGross: [Int64] = []
  var net: [Int64] = []
  var hasGross: [Bool] = []
  var refundShare: [Double] = []

  var knowsDiscount: [Bool] = []
  var list: [Int64] = []
  var discount: [Int64] = []
  var hasList: [Bool] = []
  var discountShare: [Double] = []
  var fullPriceShare: [Double] = []

  var knowsCost: [Bool] = []
  var cost: [Int64] = []
  var margin: [Int64] = []

  var meanOrder: [Double] = []
  var medianOrder: [Double] = []

  /// Windows of 30, 90, 365 days and the ones before them: six arrays each.
  var spend: [[Int64]] = Array(repeating: [], count: 6)
  var boughtIn: [[Int32]] = Array(repeating: [], count: 6)
  var hasTrend: [Bool] = []
  var trend: [Double] = []

  var hasGap: [Bool] = []
  var hasTwoGaps: [Bool] = []
  var gapMean: [Double] = []
  var gapMedian: [Double] = []
  var gapStd: [Double] = []
  var gapP90: [Int32] = []

  var knowsCategory: [Bool] = []
  var categories: [Int32] = []
  var favouriteCategory: [UInt16] = []
  var favouriteCategoryShare: [Double] = []
  var knowsFirstCategory: [Bool] = []
  var firstCategory: [UInt16] = []
  var knowsChannel: [Bool] = []
  var firstChannel: [UInt16] = []
  var lastChannel: [UInt16] = []
  var channels: [Int32] = []

  var knowsHour: [Bool] = []
  var favouriteHour: [Int32] = []
  var favouriteWeekday: [Int32] = []
  var weekendShare: [Double] = []
  var cohort: [Int32] = []

  /// Filled by the second pass.
  var rhythm: [Int32] = []
  var overdue: [Int32] = []
  var overdueRatio: [Double] = []
  var lostAfter: [Int32] = []
  var cameBack: [Bool] = []
  var regainedOn: [Int32] = []

  /// Empty where nobody asks for tenures; days of loss by the second pass.
  var beginnings = Beginnings()

  /// Distinct purchase days: those of customer c are `days[dayStarts[c] ..< dayStarts[c + 1]]`.
  var days: [Int32] = []
  var dayStarts: [Int] = [0]
}
