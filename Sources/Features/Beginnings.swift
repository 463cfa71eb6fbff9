import Columns

/// How customers began, and when they were first lost: one row a customer, as in the customer table. What tenure curves and drivers of
/// leaving are computed from.
package struct Beginnings: Sendable {
  /// Has a purchase: without one all the rest is 0 and means nothing.
  package var bought: [Bool] = []
  package var firstDay: [Int32] = []
  /// Day of the first loss; `notLost`: not by the as-of day.
  package var firstLostOn: [Int32] = []
  /// Places in `channels` and `categories`; 0: none is named.
  package var firstChannel: [UInt16] = []
  /// Of most purchases of the first purchase day; among equals the first by name.
  package var firstCategory: [UInt16] = []
  /// Paid on the first purchase day.
  package var firstOrderMinor: [Int64] = []
  /// Discount ÷ list of that day, 0…1; NaN: not told, or the list is 0.
  package var firstDiscountShare: [Double] = []
  package var channels: [String] = []
  package var categories: [String] = []

  package static let notLost = Int32.max

  package init() {}

  /// - Precondition: of the same dumps: the words are the same.
  mutating func append(_ other: Beginnings) {
    bought += other.bought
    firstDay += other.firstDay
    firstLostOn += other.firstLostOn
    firstChannel += other.firstChannel
    firstCategory += other.firstCategory
    firstOrderMinor += other.firstOrderMinor
    firstDiscountShare += other.firstDiscountShare
  }
}

/// As columns of a table, for a file.
extension Beginnings {
  private static let prefix = "beginning."

  var columns: [Column] {
    func definition(_ name: String, _ kind: ColumnDefinition.Kind) -> ColumnDefinition {
      ColumnDefinition(Self.prefix + name, kind, "of the customer's beginning: see churn.tenure")
    }
    let known = firstDiscountShare.map { !$0.isNaN }
    return [
      Column(definition("first_day", .date), .int32(firstDay), isPresent: bought),
      Column(definition("first_lost_on", .date), .int32(firstLostOn)),
      Column(definition("first_channel", .text), .code(firstChannel, dictionary: channels)),
      Column(definition("first_category", .text), .code(firstCategory, dictionary: categories)),
      Column(definition("first_order_minor", .integer), .int64(firstOrderMinor)),
      Column(definition("first_discount_share", .real), .double(firstDiscountShare.map { $0.isNaN ? 0 : $0 }), isPresent: known),
    ]
  }

  static func isColumn(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// nil where the table holds none.
  init?(_ table: Table) {
    func column(_ name: String) -> Column? { table[Self.prefix + name] }
    guard let day = column("first_day"), case .int32(let firstDay) = day.values,
      case .int32(let firstLostOn)? = column("first_lost_on")?.values,
      case .code(let firstChannel, let channels)? = column("first_channel")?.values,
      case .code(let firstCategory, let categories)? = column("first_category")?.values,
      case .int64(let orders)? = column("first_order_minor")?.values, let share = column("first_discount_share"),
      case .double(let shares) = share.values
    else { return nil }
    self.init()
    bought = day.isPresent ?? [Bool](repeating: true, count: firstDay.count)
    (self.firstDay, self.firstLostOn, self.firstChannel, self.channels) = (firstDay, firstLostOn, firstChannel, channels)
    (self.firstCategory, self.categories, firstOrderMinor) = (firstCategory, categories, orders)
    firstDiscountShare = shares.indices.map { share.isPresent?[$0] ?? true ? shares[$0] : .nan }
  }
}
