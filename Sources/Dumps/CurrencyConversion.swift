import Buffers
import Columns

/// Turns amounts in the currency that each row names into minor units of one: amount × rate of the row's local day, exactly, rounded once,
/// half to even. Amounts are read as ten-thousandths, since no currency has more than four decimals.
final class CurrencyConversion {
  static let fractionDigits = 4
  private static let unit: Int64 = 10_000

  private(set) var uses: Set<RateUse> = []
  private let rates: ExchangeRates
  private let zone: ZoneTable
  private let targetDigits: Int
  private let words = WordList()
  private let codes = Memory<UInt16>(capacity: FieldBatch.capacity)
  /// For each row its place in `factors`; −1: the row is refused.
  private let places = Memory<Int32>(capacity: FieldBatch.capacity)
  private var factors: [Factor] = []
  /// For each word: the currency, where it is one, and what was found for the day met last.
  private var currencies: [(name: String?, day: Int64, place: Int32)] = [(nil, .min, -1)]
  private var known: [RateUse: Int32] = [:]

  private struct Factor {
    /// Ten-thousandths that the source's minor unit has.
    var step: Int64
    var sourceDigits: Int
    var digits: Int64
    /// What ten-thousandths × `digits` are divided by.
    var divisor: Int128
  }

  init(_ rates: ExchangeRates, zone: ZoneTable) {
    (self.rates, self.zone) = (rates, zone)
    targetDigits = Currency.fractionDigits(rates.to)
  }

  /// Finds each sound row's rate. A currency that is none, or has no rate for the day, is a fault of `field`.
  func locate(_ batch: FieldBatch, _ field: Int, times: borrowing Memory<Int64>) {
    words.encode(batch, field, into: codes)
    while currencies.count < words.words.count {
      let name = String(decoding: words.words[currencies.count], as: UTF8.self)
      currencies.append((Currency.codes.contains(name) ? name : nil, .min, -1))
    }
    let isUTC = zone.isUTC
    for r in 0..<batch.rowCount {
      places[r] = -1
      if batch.fault(ofRow: r) != nil { continue }
      let code = Int(codes[r])
      guard let name = currencies[code].name else {
        batch.reject(r, code == 0 ? .empty : .unknownCurrency, field)
        continue
      }
      let time = times[r] &+ (isUTC ? 0 : zone.offset(atUTC: times[r])), day = time >= 0 ? time / 86_400 : (time + 1) / 86_400 - 1
      if currencies[code].day != day { (currencies[code].day, currencies[code].place) = (day, place(name, Day(Int32(clamping: day)))) }
      places[r] = currencies[code].place
      if places[r] < 0 { batch.reject(r, .noRate, field) }
    }
  }

  private func place(_ currency: String, _ day: Day) -> Int32 {
    let use = RateUse(day: currency == rates.to ? Day(0) : day, currency: currency)
    if let place = known[use] { return place }
    var place: Int32 = -1
    // That there was none is what the dump was loaded with, too.
    if currency != rates.to { uses.insert(use) }
    if let rate = currency == rates.to ? .one : rates.rate(of: currency, on: day)?.rate {
      place = Int32(factors.count)
      factors.append(factor(Currency.fractionDigits(currency), rate))
    }
    known[use] = place
    return place
  }

  private func factor(_ sourceDigits: Int, _ rate: ExchangeRate) -> Factor {
    func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { product, _ in product * 10 } }
    // 10^−4 · 10^−decimals in units of 10^−targetDigits; at most 10²².
    return Factor(
      step: Int64(power(Self.fractionDigits - sourceDigits)), sourceDigits: sourceDigits, digits: rate.digits,
      divisor: power(Self.fractionDigits + rate.decimals - targetDigits))
  }

  /// Ten-thousandths to minor units, in place. NULLs stay.
  func convert(_ batch: FieldBatch, _ field: Int, _ values: borrowing Memory<Int64>) {
    for r in 0..<batch.rowCount where places[r] >= 0 && values[r] != PackedIntegers.null {
      let factor = factors[Int(places[r])], value = values[r]
      if value % factor.step != 0 {
        batch.reject(r, .tooManyDecimals, field)
        values[r] = 0
      } else if let converted = Self.quotient(value, factor.digits, factor.divisor) {
        values[r] = converted
      } else {
        batch.reject(r, .outOfRange, field)
        values[r] = 0
      }
    }
  }

  /// a · b ÷ divisor, rounded half to even; nil outside ±(2⁶³ − 2).
  static func quotient(_ a: Int64, _ b: Int64, _ divisor: Int128) -> Int64? {
    // |a| < 2⁶³ and b < 2⁶⁰.
    let (quotient, rest) = (Int128(a.magnitude) * Int128(b)).quotientAndRemainder(dividingBy: divisor)
    let isUp = rest * 2 > divisor || rest * 2 == divisor && quotient % 2 == 1
    guard quotient < Int128(Int64.max) - 1 else { return nil }
    let magnitude = Int64(quotient) + (isUp ? 1 : 0)
    return a < 0 ? -magnitude : magnitude
  }

  /// Quantity × unit price, both in millionths, rounded half away from zero to the minor unit of the row's currency; as ten-thousandths.
  func multiply(
    _ batch: FieldBatch, _ field: Int, _ quantities: borrowing Memory<Int64>, _ prices: borrowing Memory<Int64>,
    into amounts: borrowing Memory<Int64>
  ) {
    for r in 0..<batch.rowCount {
      amounts[r] = 0
      if places[r] < 0 || batch.fault(ofRow: r) != nil { continue }
      let factor = factors[Int(places[r])]
      var divisor: UInt64 = 1
      for _ in factor.sourceDigits..<2 * FieldBatch.factorDigits { divisor *= 10 }
      let minor = FieldBatch.product(quantities[r], prices[r], divisor)?.multipliedReportingOverflow(by: factor.step)
      if let minor, !minor.overflow { amounts[r] = minor.partialValue } else { batch.reject(r, .outOfRange, field) }
    }
  }
}
