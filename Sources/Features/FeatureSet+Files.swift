import Buffers
import Columns
import Events

extension FeatureSet {
  private static let fileName = "features.table"
  /// The order by id goes into the file as one more column, which is no feature.
  private static let orderName = "row_by_customer_id"

  private struct Details: Codable {
    var asOf: Day
    var partials: MetricPartials
    var loads: [LoadRecord]
    var conflicts: [ConflictRecord]
    var gaps: [Int64]?
    var contract: ContractTerms?
  }

  /// Writes everything as `features.table` in a folder, which is made where missing (0700).
  /// - Throws: 74 when the disk fails.
  package func write(to directory: String) throws(PipelineError) {
    do { try makeFolder(directory) } catch {
      throw PipelineError(.inputOutput, error.description, fix: "check the disk and the rights of the state folder, then run again")
    }
    var table = customers
    let order = ColumnDefinition(Self.orderName, .integer, "number of the row that comes at this place in the order of the ids")
    table.append(Column(order, .int32(customersByID.map { Int32(bitPattern: $0) })))
    for column in beginnings?.columns ?? [] { table.append(column) }
    try table.write(
      to: directory + "/" + Self.fileName,
      details: Details(asOf: asOf, partials: partials, loads: loads, conflicts: conflicts, gaps: gaps, contract: contract))
  }

  /// - Throws: 66 where nothing was written there, 65 where it is damaged or of another version, 74 when the disk fails.
  package init(readFrom directory: String) throws(PipelineError) {
    let path = directory + "/" + Self.fileName
    let (table, details) = try Table.read(from: path, details: Details.self)
    guard case .int32(let order)? = table[Self.orderName]?.values, table.columns.first?.name == "customer_id",
      Self.isPermutation(order), details.partials.isRectangular
    else {
      throw PipelineError(.badInput, "\(path): it is a table, but not one of features", fix: "remove it, and run `transform` again")
    }
    self.init(
      asOf: details.asOf,
      customers: Table(
        rowCount: table.rowCount, columns: table.columns.filter { $0.name != Self.orderName && !Beginnings.isColumn($0.name) }),
      customersByID: order.map { UInt32(bitPattern: $0) }, partials: details.partials, loads: details.loads, conflicts: details.conflicts,
      beginnings: Beginnings(table), gaps: details.gaps, contract: details.contract)
  }

  private static func isPermutation(_ order: [Int32]) -> Bool {
    var seen = [Bool](repeating: false, count: order.count)
    for row in order {
      let row = Int(UInt32(bitPattern: row))
      guard row < seen.count, !seen[row] else { return false }
      seen[row] = true
    }
    return true
  }
}

extension MetricPartials {
  /// Whether all arrays are as long as each other, and have a month at least; the cohorts' likewise.
  fileprivate var isRectangular: Bool {
    let others = [
      regained, lost, lostOfOpening, lostForAWhile, active, purchases, refunds, grossMinor, refundedMinor, formerNetMinor, retainedNetMinor,
      contractedMinor,
    ]
    return !new.isEmpty && others.allSatisfy { $0.count == new.count } && cohorts.isTriangular
  }
}
