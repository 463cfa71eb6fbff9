import Foundation
import Models
import TestSupport
import Testing

/// Histories of few days and many customers, so that a whole fit takes tables where parts of it integrate one by one.
private func histories(_ count: Int, seed: UInt64) -> (x: [Int32], tx: [Int32], t: [Int32]) {
  var random = Seeded(seed), x: [Int32] = [], tx: [Int32] = [], t: [Int32] = []
  for _ in 0..<count {
    let age = Int32(random.next() % 60), purchases = age == 0 ? 0 : Int32(random.next() % 5)
    x.append(purchases)
    t.append(age)
    tx.append(purchases == 0 ? 0 : Int32(random.next() % UInt64(age)) + 1)
  }
  return (x, tx, t)
}

@Test(arguments: [
  ParetoNBD(r: 0.55, alphaDays: 74, s: 0.6, betaDays: 82), ParetoNBD(r: 2.5, alphaDays: 15, s: 0.3, betaDays: 400),
  ParetoNBD(r: 0.6, alphaDays: 16, s: 3e5, betaDays: 9e7), ParetoNBD(r: 0.05, alphaDays: 2, s: 1.7, betaDays: 3),
])
func `Pareto NBD's likelihood, slopes and curvatures by tables of days are the sums of those that are integrated one by one`(
  model: ParetoNBD
) {
  let (x, tx, t) = histories(8000, seed: 3), purchases = PurchaseModel.paretoNBD(model)
  func evaluated(_ rows: Range<Int>) -> ModelEvaluation {
    PurchaseCounts(
      frequency: Array(x[rows]), recencyDays: Array(tx[rows]), tenureDays: Array(t[rows]), isPresent: nil, threads: 1
    ).logLikelihood(purchases, threads: 2)
  }
  let whole = evaluated(0..<x.count), parts = stride(from: 0, to: x.count, by: 50).map { evaluated($0..<min($0 + 50, x.count)) }
  func expect(_ fast: Double, _ slow: [Double]) {
    let sum = slow.reduce(0, +), size = slow.reduce(0) { $0 + abs($1) }
    #expect(abs(fast - sum) <= 1e-9 * size, "\(fast) and \(sum)")
  }
  expect(whole.value, parts.map(\.value))
  for i in 0..<4 {
    expect(whole.gradient[i], parts.map { $0.gradient[i] })
    for j in 0..<4 { expect(whole.hessian[i][j], parts.map { $0.hessian[i][j] }) }
  }
}
