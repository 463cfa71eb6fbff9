import Buffers
import Columns

extension Buyers {
  static func truthHeader(_ model: BuyingModel) -> String { model.truthColumns.map(\.name).joined(separator: ",") + "\n" }

  /// Writes a line a customer, by id; the columns are explained in `truth.json`.
  func writeTruth(_ model: BuyingModel, _ plan: PopulationPlan, customerDigits: Int, to path: String) throws(SystemFault) {
    let writer = try GzipWriter(path: path, level: plan.compressionLevel)
    var text = Self.truthHeader(model)
    for (customer, buyer) in buyers.enumerated() {
      let number = String(customer)
      text += "C" + String(repeating: "0", count: customerDigits - number.utf8.count) + number
      let lastDay = (plan.start + Int(buyer.lastDay)).description
      text += ",\((plan.start + Int(buyer.firstDay)).description),\(lastDay),\(firsts[customer + 1] - firsts[customer])"
      let left = buyer.leftDay.map { (plan.start + Int($0)).description }
      text += ",\(buyer.ratePerDay),\(buyer.dropout),\(buyer.meanValueMinor),\(left.map { "0," + $0 } ?? "1,")\n"
      if text.utf8.count > 1 << 18 {
        try writer.write(Array(text.utf8).span)
        text = ""
      }
    }
    try writer.write(Array(text.utf8).span)
    _ = try writer.finish()
  }
}

extension BuyingModel {
  /// The member `model` of `truth.json`.
  func json(_ plan: PopulationPlan, _ buyers: Buyers) -> String {
    let parameters = list.map { name, value, unit, meaning in
      "      {\"name\": \"\(name)\", \"value\": \(value), \"unit\": \"\(unit)\", \"meaning\": \"\(meaning)\"}"
    }
    let columns = truthColumns.map { name, unit, meaning in
      "      {\"name\": \"\(name)\", \"unit\": \"\(unit)\", \"meaning\": \"\(meaning)\"}"
    }
    return """
      {
          "name": "\(leaving.title), Gamma-Gamma",
          "parameters": [
      \(parameters.joined(separator: ",\n"))
          ],
          "first_day": "\(plan.start)", "last_day": "\(plan.end + -1)", "acquisition_days": \(plan.acquisitionDays),
          "repeat_purchase_days": \(buyers.days.count - buyers.buyers.count),
          "alive_at_end": \(buyers.buyers.count(where: \.isAlive)),
          "customers_file": "\(truthFileName)",
          "customers_columns": [
      \(columns.joined(separator: ",\n"))
          ]
        }
      """
  }

  fileprivate var truthColumns: [(name: String, unit: String, meaning: String)] {
    let purchase = leaving == .afterPurchases ? "purchase" : "repeat purchase"
    let dropout: (String, String, String), alive: String
    switch leaving {
    case .anyTime:
      dropout = ("dropout_rate_per_day", "1/day", "at which he leaves, as long as he is alive")
      alive = "1: he has not left up to last_day"
    case .periodEnds:
      dropout = ("dropout_probability", "1", "that he leaves at the end of a period")
      alive = "1: his contract has not ended up to last_day"
    case .afterRepeatPurchases, .afterPurchases:
      dropout = ("dropout_probability", "1", "that he leaves after a \(purchase)")
      alive =
        "1: he has not left after any \(purchase) up to last_day"
        + (leaving == .afterRepeatPurchases ? "; without a repeat purchase nobody has left" : "")
    }
    let left = leaving == .anyTime || leaving == .periodEnds ? "when he left" : "of the purchase after which he left"
    return [
      ("customer_id", "", "as in the dumps"),
      ("first_day", "day", "of the first purchase, where the clock of the model starts"),
      ("last_purchase_day", "day", "of the newest purchase"),
      ("purchase_days", "days", "with a purchase, the first included: the model's x is one less"),
      ("rate_per_day", "1/day", "repeat purchases a day as long as he is alive"),
      dropout,
      ("mean_value_minor", "minor units", "mean value of his purchase days in the long run"),
      ("alive_at_end", "0 or 1", alive),
      ("left_on_day", "day", left + "; empty: alive"),
    ]
  }
}

/// In a folder of its own, so that no pattern for dumps finds it.
let truthFolder = "truth"
let truthFileName = truthFolder + "/customers.csv.gz"
