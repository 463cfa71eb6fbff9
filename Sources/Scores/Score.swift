import Buffers
import Columns
import Features

/// What score adds to the customers: columns of the same rows, the segments, and what the columns of value were computed with.
package struct ScoreSet: Sendable {
  package var columns: [Column]
  package var segments: [SegmentSummary]
  /// nil: no column asks for a model.
  package var models: FittedModels?
  /// nil: purchases are not asked for, or could not be modelled.
  package var outlook: Outlook?
  /// nil: as `models`.
  package var use: FitUse?

  package init(
    columns: [Column], segments: [SegmentSummary], models: FittedModels? = nil, outlook: Outlook? = nil, use: FitUse? = nil
  ) {
    self.columns = columns
    self.segments = segments
    self.models = models
    self.outlook = outlook
    self.use = use
  }
}

/// Names of the columns that `score` adds.
package let scoreColumnNames = ["rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment"] + valueColumnNames

/// RFM scores and segments, and the columns of value that are asked for.
/// - Parameter models: what to compute value with; nil where no column asks for it.
/// - Throws: 65 where the features lack what is asked for.
package func score(_ features: FeatureSet, _ options: ScoreOptions, models: FittedModels?) throws(PipelineError) -> ScoreSet {
  var scores = try rfmScores(features, threads: options.threads)
  let learnedRisks = try LearnedRisks(features, models, options)
  let values = try ValueScores(features, models, learnedRisks, options)
  scores.columns += values.columns
  if options.wanted.reasons { scores.columns += try reasonColumns(features, models, learnedRisks, options) }
  if options.learns { scores.columns += learnedColumns(learnedRisks, options) }
  (scores.models, scores.outlook) = (models, values.outlook)
  return scores
}

/// RFM: recency is the day of the newest purchase, frequency the distinct purchase days, monetary the net revenue. Customers without a
/// purchase have no score, and no part in the others'.
private func rfmScores(_ features: FeatureSet, threads: Int) throws(PipelineError) -> ScoreSet {
  let table = features.customers
  guard case .int32(let lastDay)? = table["last_purchase"]?.values, case .int32(let frequency)? = table["frequency"]?.values,
    case .int64(let net)? = table["net_minor"]?.values
  else {
    throw PipelineError(
      .badInput, "the features lack last_purchase, frequency or net_minor", fix: "run `transform` again with this holdfast")
  }
  let bought = table["last_purchase"]?.isPresent
  // Three columns, each on its own.
  let ranked = parallelMap(3, threads: threads) { column in
    switch column {
    case 0: rankScores(lastDay.map(Int64.init), bought)
    case 1: rankScores(frequency.map(Int64.init), bought)
    default: rankScores(net, bought)
    }
  }
  let (recencyScore, frequencyScore, monetaryScore) = (ranked[0], ranked[1], ranked[2])
  let segments = segmentNumbers(recencyScore, frequencyScore, monetaryScore)

  let none = "the customer has no purchase"
  func column(_ name: String, _ meaning: String, _ values: [Int32]) -> Column {
    Column(ColumnDefinition(name, .integer, unit: "1…5", meaning, nullWhen: none), .int32(values), isPresent: bought)
  }
  let rule = "1 + ⌊5 · customers with a strictly smaller value ÷ all⌋ of "
  let columns = [
    column("rfm_recency", rule + "the day of the newest purchase", recencyScore),
    column("rfm_frequency", rule + "the frequency", frequencyScore),
    column("rfm_monetary", rule + "the net revenue", monetaryScore),
    Column(
      ColumnDefinition("rfm_segment", .text, "one of the 11 RFM segments", nullWhen: none),
      .code(segments, dictionary: [""] + rfmSegments.map(\.name)), isPresent: bought),
  ]
  return ScoreSet(columns: columns, segments: try summarise(segments, table))
}

private func rankScores(_ values: [Int64], _ bought: [Bool]?) -> [Int32] {
  guard let bought else { return quintileScores(values) }
  let rows = values.indices.filter { bought[$0] }
  let some = quintileScores(rows.map { values[$0] })
  var all = [Int32](repeating: 0, count: values.count)
  for (i, row) in rows.enumerated() { all[row] = some[i] }
  return all
}

/// Number in `rfmSegments`, from 1, of each customer; 0 for those without scores.
private func segmentNumbers(_ r: [Int32], _ f: [Int32], _ m: [Int32]) -> [UInt16] {
  var byCode = [UInt16](repeating: 0, count: 556)
  for (i, segment) in rfmSegments.enumerated() { for code in segment.codes { byCode[code] = UInt16(i + 1) } }
  return r.indices.map { byCode[Int(r[$0] * 100 + f[$0] * 10 + m[$0])] }
}

private func summarise(_ segments: [UInt16], _ table: Table) throws(PipelineError) -> [SegmentSummary] {
  var summaries = rfmSegments.map { SegmentSummary(segment: $0.name, meaning: $0.meaning) }
  guard case .int64(let gross)? = table["gross_minor"]?.values, case .int64(let net)? = table["net_minor"]?.values,
    case .int32(let purchases)? = table["purchases"]?.values, case .int32(let since)? = table["days_since_last"]?.values
  else {
    throw PipelineError(.badInput, "the features lack the columns that segments sum up", fix: "run `transform` again with this holdfast")
  }
  var grossSums = [Int128](repeating: 0, count: summaries.count), netSums = grossSums
  var counts = [Int64](repeating: 0, count: summaries.count), purchaseSums = counts, sinceSums = counts
  for row in segments.indices where segments[row] != 0 {
    let s = Int(segments[row]) - 1
    counts[s] &+= 1
    purchaseSums[s] &+= Int64(purchases[row])
    grossSums[s] &+= Int128(gross[row])
    netSums[s] &+= Int128(net[row])
    sinceSums[s] &+= Int64(since[row])
  }
  for s in summaries.indices {
    (summaries[s].customers, summaries[s].purchases, summaries[s].daysSinceLastSum) = (counts[s], purchaseSums[s], sinceSums[s])
    guard let grossMinor = Int64(exactly: grossSums[s]), let netMinor = Int64(exactly: netSums[s]) else {
      throw PipelineError(
        .badInput, "the amounts of segment \(summaries[s].segment) add up to more than 2⁶³ minor units",
        fix: "check the dumps' amounts and feeds.transactions.currency")
    }
    (summaries[s].grossMinor, summaries[s].netMinor) = (grossMinor, netMinor)
  }
  return summaries
}
