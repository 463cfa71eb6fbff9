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
  var buckets = try firstPass(wanted, input)
  var gaps = GapCounts()
  for bucket in buckets { gaps.add(bucket.gaps) }
  let priors = RhythmPriors(gaps, daysDefault: options.rhythmDaysDefault)
  let terms = options.contract.map { ContractTerms(gaps.all, $0) }.flatMap { $0.areRegular || options.requiresContracts ? $0 : nil }
  buckets = secondPass(buckets, priors, terms, input)

  var partials = MetricPartials(months: input.months)
  for bucket in buckets where !partials.add(bucket.partials) {
    throw PipelineError(
      .badInput, "the amounts of a month add up to more than 2⁶³ minor units",
      fix: "check the dumps' amounts and feeds.transactions.currency")
  }
  let beginnings = options.beginnings ? gathered(&buckets, input) : nil
  let (customers, customersByID) = try assemble(consume buckets, input)
  var loads = try store.loads()
  for i in loads.indices {
    let duplicates = deduplication.duplicates[loads[i].sha256] ?? 0
    loads[i].rowsDuplicate += duplicates
    loads[i].rowsLoaded -= duplicates
  }
  return FeatureSet(
    asOf: options.asOf, customers: customers, customersByID: customersByID, partials: partials,
    loads: loads, conflicts: deduplication.conflicts, beginnings: beginnings, gaps: options.contract == nil ? nil : gaps.all,
    contract: options.beginnings ? terms : nil)
}

/// How all customers began, in the order of the table's rows; the buckets' own are emptied.
private func gathered(_ buckets: inout [BucketFeatures], _ input: TransformInput) -> Beginnings {
  var all = Beginnings()
  for b in buckets.indices {
    all.append(buckets[b].columns.beginnings)
    buckets[b].columns.beginnings = Beginnings()
  }
  (all.channels, all.categories) = (input.channels, input.categories)
  return all
}

private func firstPass(_ wanted: [Int], _ input: TransformInput) throws(PipelineError) -> [BucketFeatures] {
  let results = parallelMap(wanted.count, threads: input.options.threads, space: { BucketEvents() }) {
    b, events -> Result<BucketFeatures, PipelineError> in
    Result { () throws(PipelineError) in
      try events.load(bucket: wanted[b], input: input)
      var pass = CustomerPass(input)
      try pass.run(events)
      return BucketFeatures(ids: events.ids, columns: pass.columns, partials: pass.partials, gaps: pass.gaps)
    }
  }
  return try results.mapTyped { (result: Result<BucketFeatures, PipelineError>) throws(PipelineError) in try result.get() }
}

/// - Parameter terms: of the contracts with which tenures end; nil: customers have none.
private func secondPass(
  _ buckets: [BucketFeatures], _ priors: RhythmPriors, _ terms: ContractTerms?, _ input: TransformInput
) -> [BucketFeatures] {
  parallelMap(buckets.count, threads: input.options.threads) { b in
    var bucket = buckets[b]
    var pass = ChurnPass(priors, terms, input.wanted, input.options)
    pass.run(&bucket.columns, &bucket.partials)
    bucket.columns.days = []
    return bucket
  }
}
