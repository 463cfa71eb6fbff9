import Columns
import Dumps
import Events
import Features
import Metrics
import Testing
import Twins

/// The churn months against the slow twin, and against months counted by hand.
struct ChurnMetricsTests {
  private func twinMonth(_ m: ChurnMonth) -> TwinMonth {
    var month = TwinMonth(month: Int(m.month), isComplete: m.isComplete)
    (month.opening, month.new, month.regained) = (Int(m.opening), Int(m.new), Int(m.regained))
    (month.lost, month.closing, month.lostOfOpening) = (Int(m.lost), Int(m.closing), Int(m.lostOfOpening))
    (month.active, month.purchases, month.refunds) = (Int(m.active), Int(m.purchases), Int(m.refunds))
    (month.gross, month.net, month.lostForAWhile) = (Int(m.grossMinor), Int(m.netMinor), Int(m.lostForAWhile))
    (month.former, month.retained) = (Int(m.formerNetMinor), Int(m.retainedNetMinor))
    month.kept = Int(m.formerNetMinor - m.contractedMinor)
    return month
  }

  private func check(_ months: [ChurnMonth], _ twin: [TwinMonth]) {
    #expect(months.map(twinMonth) == twin)
    for (previous, month) in zip([nil] + months.map { Optional($0) }, months) {
      #expect(month.opening == previous?.closing ?? 0)
      #expect(month.opening + month.new + month.regained - month.lost == month.closing)
      #expect(month.closing >= 0 && month.lostOfOpening <= min(month.lost, month.opening))
      #expect(month.logoChurnRate.map { (0...1).contains($0) } ?? (month.opening == 0))
      #expect(month.falseLostRate.map { (0...1).contains($0) } ?? (month.lost == 0))
      #expect((month.netRevenueRetentionRate == nil) == (month.formerNetMinor <= 0))
      if let net = month.netRevenueRetentionRate, let gross = month.grossRevenueRetentionRate { #expect(gross <= min(net, 1)) }
    }
  }

  @Test(arguments: ["2025-01-01", "2024-06-30", "2023-11-17"], [nil, 90])
  func `the months of the synthetic population are the twin's`(day: String, horizon: Int?) throws {
    let dumps = try fixture("synthetic"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day, horizon: horizon)
    let features = try transform(try folder.store(dumps), options: TransformOptions(asOf: Day(day)!, threads: 2, churnHorizonDays: horizon))
    check(churnMetrics(features), twin.months())
  }

  @Test(arguments: ["1998-06-30", "1997-09-30"], [nil, 90])
  func `the months of CDNOW are the twin's`(day: String, horizon: Int?) throws {
    let dumps = try fixture("cdnow"), folder = try StoreFolder()
    let twin = try Twin(rows: try dumps.flatMap { try twinRows(ofFile: $0) }, asOf: day, horizon: horizon)
    let options = TransformOptions(asOf: Day(day)!, threads: 2, churnHorizonDays: horizon)
    check(churnMetrics(try transform(try folder.store(dumps, mapping: cdnowMapping), options: options)), twin.months())
  }

  @Test(arguments: 1...9)
  func `the months of a small nasty population are the twin's`(seed: UInt64) throws {
    let population = NastyPopulation(seed: seed), folder = try StoreFolder()
    let dumps = try population.write(to: folder, files: 2)
    let rows = try dumps.flatMap { try twinRows(ofFile: $0, zone: population.zone) }
    let store = try folder.store(dumps, mapping: population.mapping, zone: population.zone)
    for day in population.days {
      for horizon in [nil, 1, 5, 30, 90] {
        let twin = try Twin(rows: rows, asOf: day, horizon: horizon, zone: population.zone)
        let options = TransformOptions(asOf: Day(day)!, threads: 2, churnHorizonDays: horizon)
        check(churnMetrics(try transform(store, options: options)), twin.months())
      }
    }
  }

  private func months(_ days: [String], asOf: String, horizon: Int?) throws -> [ChurnMonth] {
    let folder = try StoreFolder()
    let rows = ["transaction_id,customer_id,occurred_at,amount"] + days.enumerated().map { "\($0),c,\($1),1.00" }
    let store = try folder.store([try folder.write("tx.csv", rows.joined(separator: "\n") + "\n")], mapping: cdnowMapping)
    return churnMetrics(try transform(store, options: TransformOptions(asOf: Day(asOf)!, threads: 1, churnHorizonDays: horizon)))
  }

  @Test func `a customer is lost on day d + L, not a day before, and a purchase on that day keeps him`() throws {
    // L = 30 d from 2024-01-02: 2024-02-01.
    #expect(try months(["2024-01-02"], asOf: "2024-01-31", horizon: 30).map(\.lost) == [0])
    #expect(try months(["2024-01-02"], asOf: "2024-02-01", horizon: 30).map(\.lost) == [0, 1])
    #expect(try months(["2024-01-02", "2024-02-01"], asOf: "2024-02-20", horizon: 30).map(\.lost) == [0, 0])
    let back = try months(["2024-01-02", "2024-02-02"], asOf: "2024-02-20", horizon: 30)
    #expect(back.map(\.lost) == [0, 1] && back.map(\.regained) == [0, 1] && back.map(\.closing) == [1, 1])
    #expect(back.map(\.lostOfOpening) == [0, 0])
  }

  @Test func `who was there at the opening, and is lost, back and lost again in the month, is lost of the opening once`() throws {
    let months = try months(["2024-01-30", "2024-02-12"], asOf: "2024-03-31", horizon: 5)
    #expect(months.map(\.lost) == [0, 2, 0] && months.map(\.regained) == [0, 1, 0])
    #expect(months.map(\.opening) == [0, 1, 0] && months.map(\.lostOfOpening) == [0, 1, 0])
  }

  @Test func `retention by hand: one spends more, one less, one is gone, one gives back, a new one does not count`() throws {
    let folder = try StoreFolder(), header = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind"
    let rows = [
      "1,more,2024-01-03,10.00,,,,,purchase", "2,more,2024-02-03,15.00,,,,,purchase", "3,less,2024-01-04,10.00,,,,,purchase",
      "4,less,2024-02-04,6.00,,,,,purchase", "5,gone,2024-01-05,10.00,,,,,purchase", "6,back,2024-01-06,10.00,,,,,purchase",
      "7,back,2024-02-06,4.00,,,,,refund", "8,new,2024-02-07,99.00,,,,,purchase",
    ]
    let dump = try folder.write("tx.csv", ([header] + rows).joined(separator: "\n") + "\n")
    let months = churnMetrics(
      try transform(try folder.store([dump]), options: TransformOptions(asOf: Day("2024-03-31")!, threads: 1)))
    // 40.00 then; 15 + 6 + 0 − 4 now, of which the 15 count as 10.
    #expect(months.map(\.netRevenueRetentionRate) == [nil, 17.0 / 40, 0])
    #expect(months.map(\.grossRevenueRetentionRate) == [nil, 12.0 / 40, 0])
  }

  @Test func `who was taken for lost and came back makes the month of his loss wrong, however late he comes`() throws {
    let days = ["2024-01-02", "2024-06-01"]
    #expect(try months(days, asOf: "2024-05-31", horizon: 30).map(\.falseLostRate) == [nil, 0, nil, nil, nil])
    #expect(try months(days, asOf: "2024-06-01", horizon: 30).map(\.falseLostRate) == [nil, 1, nil, nil, nil, nil])
  }

  @Test func `a month is complete from its last day on`() throws {
    #expect(try months(["2024-02-10"], asOf: "2024-02-28", horizon: nil).map(\.isComplete) == [false])
    #expect(try months(["2024-02-10"], asOf: "2024-02-29", horizon: nil).map(\.isComplete) == [true])
    #expect(try months(["2024-02-10"], asOf: "2024-03-01", horizon: nil).map(\.isComplete) == [true, false])
  }

  @Test func `without events there are no months`() throws {
    let folder = try StoreFolder()
    #expect(churnMetrics(try transform(try folder.store([]), options: TransformOptions(asOf: Day("2024-01-01")!, threads: 1))).isEmpty)
  }
}
