import Columns

/// The columns that the models read, and the tenure beside which they are read.
struct CustomerInputs: Sendable {
  static let noTenure = UInt8.max
  /// Of a day's customers: whole numbers and reals only.
  let columns: [Column]
  let rowCount: Int
  private let frequency: [Int32]
  /// Empty: nothing that is asked for hangs on it.
  private let tenureDays: [Int32]
  private let isPresent: [Bool]?

  /// The mean value of the purchase days but the first, in minor units: what a model of values reads.
  static let meanValueName = "mean_repeat_value_minor"

  init(_ table: Table, _ wanted: WantedValues) throws(PipelineError) {
    rowCount = table.rowCount
    (frequency, isPresent) = try int32(table, "frequency")
    tenureDays = table["tenure_days"] == nil ? [] : try int32(table, "tenure_days").0
    var names = wanted.purchases ? ["frequency", "recency_days"] : []
    if wanted.learned { names += ChurnInput.all.map(\.name).filter { $0 != "tenure_days" && !names.contains($0) } }
    columns = names.compactMap { table[$0] } + (wanted.values ? [try Self.meanValues(table)] : [])
  }

  private static func meanValues(_ table: Table) throws(PipelineError) -> Column {
    let (frequency, _) = try int32(table, "frequency")
    let means = try Scores.meanValues(table, frequency, 1)
    return Column(
      ColumnDefinition(
        meanValueName, .real, unit: "minor", "repeat_gross_minor ÷ frequency: what the model of values reads", nullWhen: "frequency is 0"),
      .double(means), isPresent: frequency.map { $0 > 0 })
  }

  /// Of the customers whose first purchase lies so many days back, at least: how many they are, their purchase days but the first, and the
  /// longest time since the first.
  func purchases(sinceDays days: Int) -> (buyers: Int64, repeatDays: Int64, tenureDaysMax: Int32) {
    var buyers: Int64 = 0, repeatDays: Int64 = 0, longest: Int32 = 0
    for row in frequency.indices where isPresent?[row] ?? true {
      let tenure = tenureDays.isEmpty ? 0 : tenureDays[row]
      if Int(tenure) < days { continue }
      buyers += 1
      repeatDays += Int64(frequency[row])
      longest = max(longest, tenure)
    }
    return (buyers, repeatDays, longest)
  }

  /// How many customers have each tenure, from 0 days.
  func customersByTenure() -> [Int64] {
    var counts = [Int64](repeating: 0, count: Int(purchases(sinceDays: 0).tenureDaysMax) + 1)
    for row in tenureDays.indices where isPresent?[row] ?? true { counts[Int(max(0, tenureDays[row]))] += 1 }
    return counts
  }

  /// The bin of each customer's tenure, 0 where no tenure is known; `noTenure` for those without a purchase and those of a longer one.
  func tenures(in spread: ColumnSpread?, upTo longest: Int32) -> [UInt8] {
    let bins = tenureDays.isEmpty ? nil : spread?.bins(nil)
    return frequency.indices.map { row in
      guard isPresent?[row] ?? true else { return Self.noTenure }
      guard let bins else { return 0 }
      return tenureDays[row] <= longest ? bins[ValueClasses.place(Double(tenureDays[row]))] : Self.noTenure
    }
  }
}
