/// One month of the business.
package struct TwinMonth: Hashable {
  package var month: Int
  package var isComplete: Bool
  package var opening = 0, new = 0, regained = 0, lost = 0, closing = 0
  package var lostOfOpening = 0
  package var active = 0, purchases = 0, refunds = 0
  package var gross = 0, net = 0
  /// Of the lost, those who came back.
  package var lostForAWhile = 0
  /// Of the customers with a purchase in the month before: what they brought then, now, and now but at most as much as then.
  package var former = 0, retained = 0, kept = 0

  package init(month: Int, isComplete: Bool) {
    self.month = month
    self.isComplete = isComplete
  }
}

package struct TwinScore: Hashable {
  package var recency: Int
  package var frequency: Int
  package var monetary: Int
  package var code: Int { recency * 100 + frequency * 10 + monetary }
}

extension Twin {
  /// Days on which a customer came (new or back), and days on which he was lost.
  func comingAndGoing(_ history: TwinHistory) -> (came: [Int], lost: [Int]) {
    var came: [Int] = [], lost: [Int] = []
    for (i, day) in history.days.enumerated() {
      if i == 0 || lost.count == came.count { came.append(day) }
      let limit = limit(rhythm(Array(history.gaps.prefix(i)), history.favouriteCategory))
      let buysInTime = history.days.contains { $0 > day && $0 <= day + limit }
      if !buysInTime && day + limit <= asOf { lost.append(day + limit) }
    }
    return (came, lost)
  }

  /// From the first month with an event to the as-of day's.
  package func months() -> [TwinMonth] {
    let all = events.values.flatMap { $0 }.map { calendar.month(calendar.day(ofSecond: $0.second)) }
    guard let first = all.min() else { return [] }
    var months = (first...calendar.month(asOf)).map { month in
      TwinMonth(month: month, isComplete: month < calendar.month(asOf) || calendar.isLastOfMonth(asOf))
    }
    for rows in events.values { add(TwinHistory(rows, calendar), to: &months) }
    for i in months.indices {
      if i > 0 { months[i].opening = months[i - 1].closing }
      months[i].closing = months[i].opening + months[i].new + months[i].regained - months[i].lost
    }
    return months
  }

  private func add(_ history: TwinHistory, to months: inout [TwinMonth]) {
    let (came, lost) = comingAndGoing(history)
    for i in months.indices {
      let month = months[i].month
      func isIn(_ day: Int) -> Bool { calendar.month(day) == month }
      /// There after all that happened in the months before `next`.
      func isThere(before next: Int) -> Bool {
        came.filter { calendar.month($0) < next }.count > lost.filter { calendar.month($0) < next }.count
      }
      months[i].new += came.prefix(1).filter(isIn).count
      months[i].regained += came.dropFirst().filter(isIn).count
      months[i].lost += lost.filter(isIn).count
      months[i].lostForAWhile += lost.filter { end in isIn(end) && history.days.contains { $0 > end } }.count
      let retention = retention(history, month)
      months[i].former += retention.former
      months[i].retained += retention.retained
      months[i].kept += retention.kept
      if isThere(before: month), lost.contains(where: isIn), !isThere(before: month + 1) { months[i].lostOfOpening += 1 }
      if history.days.contains(where: isIn) { months[i].active += 1 }
      for row in history.purchases where isIn(calendar.day(ofSecond: row.second)) {
        months[i].purchases += 1
        months[i].gross += row.amount
        months[i].net += row.amount
      }
      for row in history.refunds where isIn(calendar.day(ofSecond: row.second)) {
        months[i].refunds += 1
        months[i].net -= row.amount
      }
    }
  }

  /// Of the customers with a purchase.
  package func scores() -> [String: TwinScore] {
    var values: [String: [Int]] = [:]
    for (customer, rows) in events {
      let history = TwinHistory(rows, calendar)
      guard let last = history.days.last else { continue }
      let net = history.purchases.reduce(0) { $0 + $1.amount } - history.refunds.reduce(0) { $0 + $1.amount }
      values[customer] = [last, history.days.count - 1, net]
    }
    let columns = (0..<3).map { i in values.values.map { $0[i] }.sorted() }
    return values.mapValues { own in
      let scores = (0..<3).map { i in
        // In a sorted column the place of the first value that is not smaller is the number of smaller ones.
        let smaller = columns[i].firstIndex { $0 >= own[i] } ?? 0
        return 1 + 5 * smaller / columns[i].count
      }
      return TwinScore(recency: scores[0], frequency: scores[1], monetary: scores[2])
    }
  }
}
