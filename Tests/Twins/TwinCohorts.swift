/// What a cohort did in one month.
package struct TwinCohort: Hashable {
  package var cohort: Int, age: Int
  package var size: Int, customers = 0, gross = 0, net = 0

  package init(cohort: Int, age: Int, size: Int) { (self.cohort, self.age, self.size) = (cohort, age, size) }
}

extension Twin {
  /// Purchases and refunds of one customer in a month, as sums.
  func money(_ history: TwinHistory, _ month: Int) -> (gross: Int, net: Int) {
    func sum(_ rows: [TwinRow]) -> Int {
      rows.filter { calendar.month(calendar.day(ofSecond: $0.second)) == month }.reduce(0) { $0 + $1.amount }
    }
    return (sum(history.purchases), sum(history.purchases) - sum(history.refunds))
  }

  func bought(_ history: TwinHistory, _ month: Int) -> Bool { history.days.contains { calendar.month($0) == month } }

  /// The customers who bought in the month before: what they brought then, what they brought in this month, and that capped at then.
  func retention(_ history: TwinHistory, _ month: Int) -> (former: Int, retained: Int, kept: Int) {
    guard bought(history, month - 1) else { return (0, 0, 0) }
    let former = money(history, month - 1).net, now = money(history, month).net
    return (former, now, min(now, former))
  }

  /// By month of the first purchase, then age; months in which something happened.
  package func cohorts() -> [TwinCohort] {
    var groups: [Int: [TwinHistory]] = [:]
    for rows in events.values {
      let history = TwinHistory(rows, calendar)
      if let first = history.days.first { groups[calendar.month(first), default: []].append(history) }
    }
    return groups.keys.sorted().flatMap { cohort in
      (cohort...calendar.month(asOf)).compactMap { month in
        let histories = groups[cohort] ?? []
        var row = TwinCohort(cohort: cohort, age: month - cohort, size: histories.count), isEmpty = true
        for history in histories {
          let (gross, net) = money(history, month)
          row.customers += bought(history, month) ? 1 : 0
          row.gross += gross
          row.net += net
          if bought(history, month) || gross != net { isEmpty = false }
        }
        return isEmpty ? nil : row
      }
    }
  }
}
