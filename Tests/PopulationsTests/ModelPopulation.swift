import Columns
import Foundation
import Populations

/// A population drawn from a model, read back from its files by plain text handling.
struct ModelPopulation {
  struct Truth {
    var firstDay: Day
    var lastDay: Day
    var purchaseDays: Int
    var ratePerDay: Double
    var dropout: Double
    var meanValueMinor: Double
    var isAlive: Bool
    var leftOn: Day?
  }

  let folder: Folder
  let report: GeneratedPopulation
  /// Minor units paid on each day, by customer.
  var values: [String: [Day: Int]] = [:]
  /// Distinct well-formed rows.
  var transactions = 0
  var truths: [String: Truth] = [:]

  init(_ options: PopulationOptions) throws {
    folder = try Folder()
    report = try generate(options, into: folder.path)
    var seen = Set<String>()
    var dayOfText: [Substring: Day] = [:]
    for (name, _) in report.dumps {
      for line in try folder.text(name).split(separator: "\n").dropFirst() {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 9, fields[2].utf8.count == 20, let amount = Self.minor(fields[3]) else { continue }
        let text = fields[2].prefix(10)
        guard let day = dayOfText[text] ?? Day(String(text)), seen.insert(String(fields[0])).inserted else { continue }
        dayOfText[text] = day
        values[String(fields[1]), default: [:]][day, default: 0] += amount
        transactions += 1
      }
    }
    let lines = try folder.text("truth/customers.csv.gz").split(separator: "\n")
    let isRate = lines.first?.contains("dropout_rate_per_day") == true
    guard lines.first.map(String.init) == Self.header(isRate) else { throw CocoaError(.fileReadCorruptFile) }
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 9, let first = Day(fields[1]), let last = Day(fields[2]), let days = Int(fields[3]),
        let rate = Double(fields[4]), let dropout = Double(fields[5]), let mean = Double(fields[6])
      else { throw CocoaError(.fileReadCorruptFile) }
      truths[fields[0]] = Truth(
        firstDay: first, lastDay: last, purchaseDays: days, ratePerDay: rate, dropout: dropout, meanValueMinor: mean,
        isAlive: fields[7] == "1", leftOn: Day(fields[8]))
    }
  }

  private static func header(_ isRate: Bool) -> String {
    "customer_id,first_day,last_purchase_day,purchase_days,rate_per_day,\(isRate ? "dropout_rate_per_day" : "dropout_probability"),"
      + "mean_value_minor,alive_at_end,left_on_day"
  }

  private static func minor(_ text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
    return major * 100 + minor
  }
}
