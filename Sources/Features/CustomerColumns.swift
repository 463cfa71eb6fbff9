/// Columns of customers as they are built, one array each: one value a customer, or none at all where nobody asks for the column. Where a
/// presence array says false the value is 0 and means nothing. What follows from these alone, `Assembler` works out.
struct CustomerColumns: Sendable {
  /// Has a purchase: what most columns need.
  var bought: [Bool] = []
  var firstDay: [Int32] = []
  var lastDay: [Int32] = []
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

  var medianOrder: [Double] = []

  /// Windows of 30, 90, 365 days and the ones before them: six arrays each.
  var spend: [[Int64]] = Array(repeating: [], count: 6)
  var boughtIn: [[Int32]] = Array(repeating: [], count: 6)
  var hasTrend: [Bool] = []
  var trend: [Double] = []

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

  /// Of `ChurnPass`.
  var rhythm: [Int32] = []
  var overdue: [Int32] = []
  var overdueRatio: [Double] = []
  var lostAfter: [Int32] = []
  var cameBack: [Bool] = []
  var regainedOn: [Int32] = []

  /// Empty where nobody asks for tenures; days of loss by `ChurnPass`.
  var beginnings = Beginnings()

  /// Puts other customers behind these.
  mutating func append(_ other: CustomerColumns) {
    for path in Self.flags { self[keyPath: path] += other[keyPath: path] }
    for path in Self.words { self[keyPath: path] += other[keyPath: path] }
    for path in Self.counts { self[keyPath: path] += other[keyPath: path] }
    for path in Self.amounts { self[keyPath: path] += other[keyPath: path] }
    for path in Self.numbers { self[keyPath: path] += other[keyPath: path] }
    // A key path to an element would copy the array each time.
    for i in 0..<6 {
      spend[i] += other.spend[i]
      boughtIn[i] += other.boughtIn[i]
    }
    beginnings.append(other.beginnings)
  }

  /// Makes room for so many customers in all columns that hold any.
  mutating func reserve(_ count: Int) {
    func reserve<T>(_ paths: Paths<T>, _ columns: inout CustomerColumns) {
      for path in paths where !columns[keyPath: path].isEmpty { columns[keyPath: path].reserveCapacity(count) }
    }
    reserve(Self.flags, &self)
    reserve(Self.words, &self)
    reserve(Self.counts, &self)
    reserve(Self.amounts, &self)
    reserve(Self.numbers, &self)
    for i in 0..<6 where !spend[i].isEmpty {
      spend[i].reserveCapacity(count)
      boughtIn[i].reserveCapacity(count)
    }
  }

  private typealias Paths<T> = [WritableKeyPath<CustomerColumns, [T]> & Sendable]
  private static let flags: Paths<Bool> = [
    \.bought, \.hasGross, \.knowsDiscount, \.hasList, \.knowsCost, \.hasTrend, \.knowsCategory, \.knowsFirstCategory, \.knowsChannel,
    \.knowsHour, \.cameBack,
  ]
  private static let words: Paths<UInt16> = [\.favouriteCategory, \.firstCategory, \.firstChannel, \.lastChannel]
  private static let counts: Paths<Int32> = [
    \.firstDay, \.lastDay, \.frequency, \.purchases, \.refunds, \.gapP90, \.categories, \.channels, \.favouriteHour, \.favouriteWeekday,
    \.rhythm, \.overdue, \.lostAfter, \.regainedOn,
  ]
  private static let amounts: Paths<Int64> = [\.gross, \.repeatGross, \.net, \.list, \.discount, \.cost, \.margin]
  private static let numbers: Paths<Double> = [
    \.refundShare, \.discountShare, \.fullPriceShare, \.medianOrder, \.trend, \.gapMedian, \.gapStd, \.favouriteCategoryShare,
    \.weekendShare, \.overdueRatio,
  ]
}

/// The distinct purchase days of some customers, ascending: those of customer c are `days[starts[c] ..< starts[c + 1]]`.
struct PurchaseDays: Sendable {
  var days: [Int32] = []
  var starts: [Int] = []
}
