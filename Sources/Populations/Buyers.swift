import Buffers
import Columns

/// What is true of one customer of a population drawn from a `BuyingModel`.
struct Buyer: Sendable {
  /// Counted from the start of the population's time.
  var firstDay: Int32
  /// Of the newest purchase.
  var lastDay: Int32
  /// nil: he is alive at the end of the last day. Who leaves with a purchase has no other after it.
  var leftDay: Int32?
  /// Repeat purchases a day, as long as he is alive.
  var ratePerDay: Double
  /// Probability to leave after a purchase, or rate of leaving a day.
  var dropout: Double
  /// Of his purchase days in the long run, in minor units.
  var meanValueMinor: Double
  var isAlive: Bool { leftDay == nil }
  var preferredChannel: UInt8
}

/// Customers drawn from a `BuyingModel`, with the days on which they buy.
///
/// Days follow the continuous model like this. A customer's clock starts with his first purchase, day 0, and each repeat purchase is seen on
/// the whole day nearest to its time. A day holds one of them, and day 0 the first purchase alone: where two would share a day the earlier one
/// goes back to the last free day before, and only where no day is left do they go forward. So the purchase days − 1 are the model's x, T whole
/// days are its T, and t_x is rounded, but for customers with x purchases in fewer than x days. Nobody buys more often than there are days: a
/// clock that would strike more often stops there.
struct Buyers: Sendable {
  private(set) var buyers: [Buyer] = []
  /// Customer `i` has the purchase days `firsts[i] ..< firsts[i + 1]`, at least one.
  private(set) var firsts: [Int] = [0]
  /// Since the start of the population's time; ascending for each customer, no two alike.
  private(set) var days: [Int32] = []
  /// What was paid on each of these days, in minor units, ≥ 1.
  private(set) var valuesMinor: [UInt32] = []

  /// - Parameters:
  ///   - start: of the population's time.
  ///   - dayCount: days of it.
  init(_ model: BuyingModel, customers: Int, start: Day, dayCount: Int, seed: UInt64, threads: Int) {
    let blockLength = 4096
    let blocks = parallelMap((customers + blockLength - 1) / blockLength, threads: threads) { block in
      var part = Buyers()
      for customer in (block * blockLength)..<min((block + 1) * blockLength, customers) {
        part.draw(UInt32(customer), model, start: start, dayCount: dayCount, seed: seed)
      }
      return part
    }
    for block in blocks {
      let base = days.count
      firsts.append(contentsOf: block.firsts.dropFirst().map { $0 + base })
      buyers.append(contentsOf: block.buyers)
      days.append(contentsOf: block.days)
      valuesMinor.append(contentsOf: block.valuesMinor)
    }
  }

  private init() {}

  private mutating func draw(_ customer: UInt32, _ model: BuyingModel, start: Day, dayCount: Int, seed: UInt64) {
    var draws = DrawSequence(seed: seed, .buyers, of: customer)
    let firstDay = min(Int(draws.uniform() * Double(model.acquisitionDays ?? dayCount)), dayCount - 1)
    let channel = Channels.drawn(draws.uniform())
    let isContract = model.leaving == .periodEnds
    let rate = isContract ? model.purchasesPerDay : draws.gamma(shape: model.r) / model.alphaDays
    let leftDay: Int32?, dropout: Double
    if isContract {
      dropout = draws.beta(model.alpha, model.beta)
      leftDay = drawPayments(from: firstDay, to: dayCount - 1, model.period, start: start, dropout: dropout, &draws)
    } else if model.leaving == .anyTime {
      dropout = draws.gamma(shape: model.s) / model.betaDays
      let life = draws.standardExponential() / dropout
      _ = drawDays(from: firstDay, to: dayCount - 1, rate: rate, dropout: 0, life: life, &draws)
      // Also when the life is infinite.
      leftDay = life <= Double(dayCount - 1 - firstDay) ? Int32(firstDay) + Int32(life) : nil
    } else {
      dropout = draws.beta(model.a, model.b)
      let leavesAtOnce = model.leaving == .afterPurchases && draws.uniform() < dropout
      let isAlive = drawDays(from: firstDay, to: dayCount - 1, rate: rate, dropout: dropout, life: leavesAtOnce ? 0 : .infinity, &draws)
      leftDay = isAlive && !leavesAtOnce ? nil : days[days.count - 1]
    }

    var values = DrawSequence(seed: seed, .purchaseValues, of: customer)
    let valueRate = values.gamma(shape: model.q) / model.v
    if isContract {
      let price = UInt32(max(1, min(100 * model.p / valueRate, Self.valueMinorMax).rounded()))
      valuesMinor.append(contentsOf: repeatElement(price, count: days.count - valuesMinor.count))
    }
    for _ in valuesMinor.count..<days.count {
      let value = 100 * values.gamma(shape: model.p) / valueRate
      valuesMinor.append(UInt32(max(1, min(value, Self.valueMinorMax).rounded())))
    }
    firsts.append(days.count)
    buyers.append(
      Buyer(
        firstDay: Int32(firstDay), lastDay: days[days.count - 1], leftDay: leftDay, ratePerDay: rate, dropout: dropout,
        meanValueMinor: 100 * model.p / valueRate, preferredChannel: channel))
  }

  /// 40 million in major units: any number of rows has a sum.
  private static let valueMinorMax = 4_000_000_000.0

  /// Appends the purchase days of one customer.
  /// - Parameters:
  ///   - dropout: probability to leave after a repeat purchase.
  ///   - life: days after which he leaves without a purchase.
  /// - Returns: whether he has left after none of his repeat purchases.
  private mutating func drawDays(
    from firstDay: Int, to lastDay: Int, rate: Double, dropout: Double, life: Double, _ draws: inout DrawSequence
  ) -> Bool {
    let start = days.count
    days.append(Int32(firstDay))
    let length = lastDay - firstDay
    var clock = 0.0
    var isAlive = true
    while isAlive && days.count - start <= length {
      clock += draws.standardExponential() / rate
      // Also when the wait is infinite.
      guard clock <= min(Double(length), life) else { break }
      days.append(Int32(firstDay) + Int32(clock.rounded()))
      isAlive = draws.uniform() >= dropout
    }
    var free = Int32(lastDay)
    for index in stride(from: days.count - 1, to: start, by: -1) {
      days[index] = max(Int32(firstDay + index - start), min(days[index], free))
      free = days[index] - 1
    }
    return isAlive
  }

  /// Appends the days on which one customer pays for his contract: the first, and one a period from then on. A day that the month lacks is its
  /// last one; a payment that is late moves none after it.
  /// - Returns: the day on which he has left; nil: he has not.
  private mutating func drawPayments(
    from firstDay: Int, to lastDay: Int, _ period: ContractPeriod, start: Day, dropout: Double, _ draws: inout DrawSequence
  ) -> Int32? {
    days.append(Int32(firstDay))
    var number = 1
    while true {
      let due = period.end(number, from: start + firstDay) - start
      if due > lastDay { return nil }
      if draws.uniform() < dropout { return Int32(due) }
      let late = draws.uniform() < 0.15 ? 1 + Int(draws.uniform() * Double(period.lateDaysMost)) : 0
      if due + late <= lastDay { days.append(Int32(due + late)) }
      number += 1
    }
  }
}
