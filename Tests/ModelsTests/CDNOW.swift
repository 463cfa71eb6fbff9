import Models
import TestSupport

/// The CDNOW sample of 2,357 customers, calibrated to 1997-09-30, and what lifetimes gives for each.
struct CDNOW {
  var frequency: [Int32] = [], recencyDays: [Int32] = [], tenureDays: [Int32] = []
  var meanValue: [Double] = [], holdout: [Double] = []
  var pAlive: [Double] = [], expected39Weeks: [Double] = [], expectedValue: [Double] = []
  /// MBG/NBD's and Pareto/NBD's, and the latter's discounted purchases without end at 0.27 % a week.
  var mbgPAlive: [Double] = [], mbgExpected: [Double] = [], paretoPAlive: [Double] = [], paretoExpected: [Double] = []
  var paretoDiscounted: [Double] = []

  init() throws {
    for row in try Vectors.table("cdnow-models/expected.tsv") {
      frequency.append(Int32(row[1]) ?? -1)
      recencyDays.append(Int32(row[2]) ?? -1)
      tenureDays.append(Int32(row[3]) ?? -1)
      meanValue.append(Double(row[4]) ?? .nan)
      holdout.append(Double(row[5]) ?? .nan)
      pAlive.append(Double(row[6]) ?? .nan)
      expected39Weeks.append(Double(row[7]) ?? .nan)
      expectedValue.append(Double(row[8]) ?? .nan)
      mbgPAlive.append(Double(row[9]) ?? .nan)
      mbgExpected.append(Double(row[10]) ?? .nan)
      paretoPAlive.append(Double(row[11]) ?? .nan)
      paretoExpected.append(Double(row[12]) ?? .nan)
      paretoDiscounted.append(Double(row[13]) ?? .nan)
    }
  }

  func counts(threads: Int = 2) -> PurchaseCounts {
    PurchaseCounts(frequency: frequency, recencyDays: recencyDays, tenureDays: tenureDays, isPresent: nil, threads: threads)
  }

  func scores(_ model: PurchaseModel, _ horizons: PurchaseHorizons, threads: Int = 2) -> PurchaseScores {
    scorePurchases(
      model, frequency: frequency, recencyDays: recencyDays, tenureDays: tenureDays, isPresent: nil, horizons: horizons, threads: threads)
  }

  /// The parameters at which the reference columns were made; α in weeks.
  static let reference = inWeeks(0.2425945225899768, 4.413602141604892, 0.7929219077638927, 2.425906483442813)
  static let mbgReference = MBGNBD(r: 0.5248430939490343, alphaDays: 7 * 6.183084854118066, a: 0.8913595840264782, b: 1.614002866449766)
  static let paretoReference = inWeeks(0.5532770074043906, 10.577682245997773, s: 0.6062400863006068, beta: 11.668738527624317)
  static let referenceValue = GammaGamma(p: 6.249570675048274, q: 3.7442251143322633, v: 15.443526583172119)
}

/// BG/NBD with α in weeks, as the papers have it.
func inWeeks(_ r: Double, _ alpha: Double, _ a: Double, _ b: Double) -> BGNBD { BGNBD(r: r, alphaDays: 7 * alpha, a: a, b: b) }

/// Pareto/NBD with α and β in weeks.
func inWeeks(_ r: Double, _ alpha: Double, s: Double, beta: Double) -> ParetoNBD {
  ParetoNBD(r: r, alphaDays: 7 * alpha, s: s, betaDays: 7 * beta)
}

/// The parameters that the papers print.
let published = inWeeks(0.243, 4.414, 0.793, 2.426)

/// |a − b| ≤ limit · |b|
func isClose(_ a: Double, _ b: Double, _ limit: Double) -> Bool { abs(a - b) <= limit * abs(b) }

/// Estimates near the maximum at which a second program printed some numbers.
let walkthrough = inWeeks(0.2425945, 4.4136019, 0.7929199, 2.4258881)
