import Columns

/// The feed of transactions: everything that its dumps are written from. It is read by several threads at a time.
struct TransactionFeed: Sendable {
  let plan: PopulationPlan
  /// Of a population drawn from a model.
  let buyers: Buyers?
  /// The channel in which a customer mostly buys.
  let preferredChannels: [UInt8]
  let timeline: TransactionTimeline
  /// Of each purchase in minor units, where a model has decided it; else empty.
  private let amounts: [UInt32]
  let faults: RowFaults
  let sales: Draws
  let transactionDigits: Int
  let customerDigits: Int

  /// - Throws: `usage` where a model has made more rows than can be numbered.
  init(_ plan: PopulationPlan) throws(PipelineError) {
    if let model = plan.model {
      let buyers = Buyers(
        model, customers: plan.customers, start: plan.start, dayCount: plan.dayCount, seed: plan.seed, threads: plan.threads)
      let basket = Baskets(buyers, seed: plan.seed)
      var plan = plan
      try plan.hold(purchases: basket.amounts.count)
      timeline = TransactionTimeline(plan, basket)
      amounts = basket.amounts
      preferredChannels = buyers.buyers.map(\.preferredChannel)
      self.buyers = buyers
      self.plan = plan
    } else {
      let lives = CustomerLives(plan)
      timeline = TransactionTimeline(plan, lives)
      amounts = []
      preferredChannels = lives.preferredChannels
      buyers = nil
      self.plan = plan
    }
    faults = RowFaults(self.plan)
    sales = Draws(seed: self.plan.seed, .purchases)
    transactionDigits = max(9, String(self.plan.rows + self.plan.malformed).utf8.count)
    customerDigits = max(7, String(self.plan.customers - 1).utf8.count)
  }

  /// nil: the sale draws a price.
  func amount(ofPurchase purchase: Int) -> Int? { amounts.isEmpty ? nil : Int(amounts[purchase]) }

  var lineCount: Int { plan.rows + faults.extras.count }

  /// The lines of dump `file`: equal parts, the first ones a line longer where they do not come out even.
  func lines(ofFile file: Int) -> Range<Int> {
    let (length, remainder) = lineCount.quotientAndRemainder(dividingBy: plan.files)
    let start = file * length + min(file, remainder)
    return start..<(start + length + (file < remainder ? 1 : 0))
  }
}
