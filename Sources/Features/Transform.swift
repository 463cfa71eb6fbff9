import Buffers
import Columns
import Events

/// Events → features, as of a day: repeats are dropped, events grouped by customer, and every customer's columns computed; buckets are
/// independent, on as many threads as asked for. Only whole numbers are summed across customers, so the result depends neither on threads
/// nor on the number of buckets nor on the order of the dumps.
package func transform(_ store: EventStore, options: TransformOptions) throws(PipelineError) -> FeatureSet {
  let segments = try store.segments()
  let deduplication = try deduplicate(segments, feed: EventStore.feed, threads: options.threads)
  let input = try TransformInput(store, segments, deduplication, options)

  let wanted = (0..<store.parameters.bucketCount).filter { $0 & (options.sampledOneIn - 1) == 0 }
  var gathered = try firstPass(wanted, input)
  var gaps = GapCounts()
  for bucket in gathered.buckets { gaps.add(bucket.gaps) }
  let contract = options.contract.map { ContractTerms(gaps.all, $0) }.flatMap { $0.areRegular || options.requiresContracts ? $0 : nil }
  let partials = try secondPass(&gathered, gaps, contract, input)
  var beginnings = options.beginnings ? gathered.columns.beginnings : nil
  beginnings?.channels = input.channels
  beginnings?.categories = input.categories
  let (customers, customersByID) = assemble(gathered, input)
  var loads = try store.loads()
  for i in loads.indices {
    let duplicates = deduplication.duplicates[loads[i].sha256] ?? 0
    loads[i].rowsDuplicate += duplicates
    loads[i].rowsLoaded -= duplicates
  }
  return FeatureSet(
    asOf: options.asOf, customers: customers, customersByID: customersByID, partials: partials,
    loads: loads, conflicts: deduplication.conflicts, beginnings: beginnings, gaps: options.contract == nil ? nil : gaps.all,
    contract: options.beginnings ? contract : nil)
}

/// Every bucket's customers on their own; the rest of a bucket too, where it needs nobody else's gaps.
private func firstPass(_ wanted: [Int], _ input: TransformInput) throws(PipelineError) -> GatheredCustomers {
  let gathering = GatheringInTurn(bucketCount: wanted.count)
  let results = parallelMap(wanted.count, threads: input.options.threads, space: { BucketEvents() }) { b, events in
    Result { () throws(PipelineError) in
      try events.load(bucket: wanted[b], input: input)
      var pass = CustomerPass(input)
      try pass.run(events)
      var bucket = BucketFeatures(ids: events.ids, columns: pass.columns, days: pass.days, partials: pass.partials, gaps: pass.gaps)
      if !input.wanted.fromAllGaps {
        let categories = bucket.columns.favouriteCategory
        var churn = ChurnPass(RhythmPriors(GapCounts(), daysDefault: input.options.rhythmDaysDefault), nil, input.wanted, input.options)
        churn.run(bucket.days, categories.span, Span(), &bucket.columns, &bucket.partials)
        bucket.days = PurchaseDays()
      }
      gathering.put(bucket, at: b)
    }
  }
  for result in results { try result.get() }
  return try gathering.finish()
}

/// What needs everyone's gaps, where anything does.
/// - Parameter contract: with which tenures end; nil: with losses.
/// - Returns: the sums over all customers.
private func secondPass(
  _ gathered: inout GatheredCustomers, _ gaps: GapCounts, _ contract: ContractTerms?, _ input: TransformInput
) throws(PipelineError) -> MetricPartials {
  var sums = gathered.buckets.map(\.partials)
  if input.wanted.fromAllGaps {
    let priors = RhythmPriors(gaps, daysDefault: input.options.rhythmDaysDefault)
    let passed = parallelMap(sums.count, threads: input.options.threads) { [gathered] b in
      let bucket = gathered.buckets[b], all = gathered.columns
      var columns = CustomerColumns(), partials = bucket.partials, pass = ChurnPass(priors, contract, input.wanted, input.options)
      let percentiles = input.wanted.gapQuantiles ? all.gapP90.span.extracting(bucket.rows) : Span()
      pass.run(bucket.days, all.favouriteCategory.span.extracting(bucket.rows), percentiles, &columns, &partials)
      return (columns, partials)
    }
    sums = passed.map(\.1)
    for (columns, _) in passed { gathered.columns.append(columns) }
  }
  gathered.buckets = []
  var all = MetricPartials(months: input.months)
  for partials in sums where !all.add(partials) {
    throw PipelineError(
      .badInput, "the amounts of a month add up to more than 2⁶³ minor units",
      fix: "check the dumps' amounts and feeds.transactions.currency")
  }
  return all
}
