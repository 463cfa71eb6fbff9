/// How one customer began, and when he was first lost.
package struct TwinBeginning: Hashable {
  package var firstDay: Int
  package var firstLostOn: Int?
  /// Of most purchases of the first purchase day; among equals the first by name.
  package var category: String?
  package var paid: Int
  package var discountShare: Double?
}

extension Twin {
  /// Of the customers with a purchase.
  package func beginnings() -> [String: TwinBeginning] {
    events.compactMapValues { rows in
      let history = TwinHistory(rows, calendar)
      guard let first = history.days.first else { return nil }
      let ofTheDay = history.purchases.filter { calendar.day(ofSecond: $0.second) == first }
      let priced = ofTheDay.filter { $0.discount != nil }
      let discount = priced.reduce(0) { $0 + ($1.discount ?? 0) }, list = priced.reduce(discount) { $0 + $1.amount }
      return TwinBeginning(
        firstDay: first, firstLostOn: comingAndGoing(history).lost.min(), category: mostFrequent(ofTheDay.compactMap(\.category), precedes),
        paid: ofTheDay.reduce(0) { $0 + $1.amount }, discountShare: list > 0 ? Double(discount) / Double(list) : nil)
    }
  }
}

/// Kaplan and Meier, customer by customer.
package struct TwinSurvival {
  /// Days watched, and whether a loss ended them.
  package let lives: [(days: Int, isLost: Bool)]

  package init(_ lives: [(days: Int, isLost: Bool)]) { self.lives = lives }

  private func lossDays(upTo day: Int) -> [Int] { Set(lives.filter { $0.isLost && $0.days <= day }.map(\.days)).sorted() }
  package func atRisk(_ day: Int) -> Int { lives.count { $0.days >= day } }
  package func lost(after from: Int, upTo day: Int) -> Int { lives.count { $0.isLost && $0.days > from && $0.days <= day } }

  package func survival(_ day: Int) -> Double {
    lossDays(upTo: day).reduce(1) { share, t in
      share * (1 - Double(lives.count { $0.isLost && $0.days == t }) / Double(atRisk(t)))
    }
  }

  /// 1/n + 1/(n − 1) + … for the losses of each day.
  package func hazard(_ day: Int) -> Double {
    lossDays(upTo: day).reduce(0) { sum, t in
      (0..<lives.count { $0.isLost && $0.days == t }).reduce(sum) { $0 + 1 / Double(atRisk(t) - $1) }
    }
  }

  package var median: Int? { lossDays(upTo: .max).first { survival($0) <= 0.5 } }

  package func restrictedMean(_ days: Int) -> Double {
    let losses = Set(lossDays(upTo: days))
    var share = 1.0, sum = 0.0
    for day in 0..<days {
      if losses.contains(day) { share = survival(day) }
      sum += share
    }
    return sum
  }
}
