/// The second pass over a bucket's customers: rhythm and overdue days, and when customers were lost and regained. It needs everyone's gaps,
/// unless the pipeline says how long it takes to be lost, and nobody asks for rhythms.
///
/// A customer is lost on day d + L when he does not buy in (d, d + L]; the first purchase after that regains him.
struct ChurnPass {
  private let priors: RhythmPriors
  private let wanted: WantedColumns
  private let asOf: Int32
  private let horizonDays: Int32?
  private var months = MonthTable()
  private var sorted: [Int32] = []

  init(_ priors: RhythmPriors, _ wanted: WantedColumns, _ options: TransformOptions) {
    self.priors = priors
    self.wanted = wanted
    asOf = options.asOf.number
    horizonDays = options.churnHorizonDays.map { Int32(clamping: $0) }
  }

  /// - Parameters:
  ///   - days: purchase days of the bucket's customers.
  ///   - categories: their favourite categories; `percentiles` the 90th percentiles of their gaps, none where `wanted.gapQuantiles` is false.
  ///   - columns: the columns of this pass are put behind those that are there.
  mutating func run(
    _ days: PurchaseDays, _ categories: Span<UInt16>, _ percentiles: Span<Int32>, _ columns: inout CustomerColumns,
    _ partials: inout MetricPartials
  ) {
    for c in categories.indices {
      let first = days.starts[c], last = days.starts[c + 1] - 1
      guard last >= first else {
        if wanted.rhythm { append(0, 0, &columns) }
        if wanted.losses { append(lostAfter: 0, regainedOn: nil, &columns) }
        if wanted.beginnings { columns.beginnings.firstLostOn.append(Beginnings.notLost) }
        continue
      }
      var rhythm: Int32 = 0
      if wanted.gapQuantiles { rhythm = priors.rhythm(gaps: last - first, percentile90: percentiles[c], category: categories[c]) }
      if wanted.rhythm { append(rhythm, asOf &- days.days[last], &columns) }
      let (regainedOn, firstLostOn) = losses(days.days, first, last, categories[c], rhythm, &partials)
      if wanted.losses { append(lostAfter: limit(rhythm), regainedOn: regainedOn, &columns) }
      if wanted.beginnings { columns.beginnings.firstLostOn.append(firstLostOn) }
    }
  }

  /// L for the rhythm H, both in days.
  @inline(__always)
  private func limit(_ rhythm: Int32) -> Int32 { horizonDays ?? min(max(2 &* rhythm, 60), 365) }

  private func append(_ rhythm: Int32, _ since: Int32, _ columns: inout CustomerColumns) {
    columns.rhythm.append(rhythm)
    columns.overdue.append(max(0, since &- rhythm))
    columns.overdueRatio.append(rhythm > 0 ? Double(since) / Double(rhythm) : 0)
  }

  private func append(lostAfter: Int32, regainedOn: Int32?, _ columns: inout CustomerColumns) {
    columns.lostAfter.append(lostAfter)
    columns.cameBack.append(regainedOn != nil)
    columns.regainedOn.append(regainedOn ?? 0)
  }

  /// Counts when one customer was lost and regained. Returns the newest day that regained him, and the first that lost him.
  private mutating func losses(
    _ days: [Int32], _ first: Int, _ last: Int, _ category: UInt16, _ rhythm: Int32, _ partials: inout MetricPartials
  ) -> (regainedOn: Int32?, firstLostOn: Int32) {
    var regainedOn: Int32?, firstLostOn = Beginnings.notLost
    var joined = months.month(of: days[first])
    for i in first...last {
      let next = i < last ? days[i + 1] : Int32.max
      let gap = i < last ? next &- days[i] : asOf &- days[i]
      // No one is lost within 60 days, or within the fixed horizon.
      if gap < (horizonDays ?? 60) { continue }
      let limit = horizonDays ?? limit(i == last ? rhythm : rhythmAt(days, first, i, category))
      guard i < last ? gap > limit : gap >= limit else { continue }
      firstLostOn = min(firstLostOn, days[i] &+ limit)
      let lostMonth = months.month(of: days[i] &+ limit)
      partials.lost[partials.place(lostMonth)] += 1
      let backMonth = i < last ? months.month(of: next) : Int32.max
      if joined < lostMonth && backMonth > lostMonth { partials.lostOfOpening[partials.place(lostMonth)] += 1 }
      if i < last {
        regainedOn = next
        partials.lostForAWhile[partials.place(lostMonth)] += 1
        partials.regained[partials.place(backMonth)] += 1
        // Who is back in the same month was there at its opening if he was before.
        if backMonth > lostMonth { joined = backMonth }
      }
    }
    return (regainedOn, firstLostOn)
  }

  /// H as it was at purchase day `i`: from the gaps up to then.
  private mutating func rhythmAt(_ days: [Int32], _ first: Int, _ i: Int, _ category: UInt16) -> Int32 {
    let n = i - first
    if n == 0 { return priors.rhythm(gaps: 0, percentile90: 0, category: category) }
    sorted.removeAll(keepingCapacity: true)
    for k in first + 1...i { sorted.append(days[k] &- days[k - 1]) }
    sortShort(&sorted)
    return priors.rhythm(gaps: n, percentile90: sorted[nearestRank90(n) - 1], category: category)
  }
}
