import Columns
import Foundation
import Populations
import Testing

@Suite struct ModelTests {
  /// CDNOW's parameters but for what is given.
  private static func model(_ change: (inout BuyingModel) -> Void = { _ in }) -> BuyingModel {
    var model = BuyingModel()
    change(&model)
    return model
  }

  @Test func `the truth of each customer is what the dumps show of him`() throws {
    let population = try ModelPopulation(PopulationOptions(.model(Self.model()), customers: 5000, files: 3, seed: 8, months: 12))
    #expect(population.truths.count == 5000 && Set(population.values.keys) == Set(population.truths.keys))
    for (id, truth) in population.truths {
      let days = try #require(population.values[id]).keys.sorted()
      #expect(days.first == truth.firstDay && days.last == truth.lastDay && days.count == truth.purchaseDays, "\(id)")
      // Nobody buys after he has left; he leaves with a repeat purchase, his last.
      #expect(truth.isAlive == (truth.leftOn == nil), "\(id)")
      if let left = truth.leftOn { #expect(left == truth.lastDay && truth.purchaseDays > 1, "\(id)") }
    }
    #expect(population.report.aliveAtEnd == population.truths.values.count(where: \.isAlive))
    #expect(population.report.transactions == population.transactions && population.report.total.refunds == 0)
    #expect(population.report.total.netMinor == population.values.values.reduce(0) { $0 + $1.values.reduce(0, +) })
    #expect(population.report.total.duplicates > 0 && population.report.total.malformed > 0)
    // A day may have two transactions.
    #expect(population.transactions > population.values.values.reduce(0) { $0 + $1.count })
  }

  @Test(arguments: [BuyingModel.Leaving.afterPurchases, .anyTime])
  func `of MBG NBD and Pareto NBD, too, nobody buys after he has left, and as many live as the models say`(leaving: BuyingModel.Leaving)
    throws
  {
    var model = BuyingModel(leaving)
    model.acquisitionDays = 1
    let population = try ModelPopulation(PopulationOptions(.model(model), customers: 20_000, seed: 12, months: 12))
    var alive = 0
    for (id, truth) in population.truths {
      #expect(truth.isAlive == (truth.leftOn == nil), "\(id)")
      guard let left = truth.leftOn else {
        alive += 1
        continue
      }
      #expect(leaving == .afterPurchases ? left == truth.lastDay : left >= truth.lastDay + -1, "\(id)")
    }
    // Of those without a repeat purchase by Pareto/NBD nobody buys from start to end, or he left; all of them: (β/(β+T))^s live.
    let found = Double(alive) / 20_000
    if leaving == .anyTime {
      let expected = pow(81.683 / (81.683 + 364), 0.606)
      #expect(abs(found - expected) < 4 * (expected * (1 - expected) / 20_000).squareRoot(), "\(found), expected \(expected)")
    } else {
      // a/(a + b) leave at once, who else has no repeat purchase is alive.
      let atOnce = population.truths.values.count { $0.purchaseDays == 1 && !$0.isAlive }
      let expected = 0.891 / (0.891 + 1.614)
      #expect(abs(Double(atOnce) / 20_000 - expected) < 4 * (expected * (1 - expected) / 20_000).squareRoot(), "\(atOnce)")
    }
    #expect(population.report.aliveAtEnd == alive)
  }

  @Test func `rate, dropout and mean value have the means and variances of their distributions`() throws {
    let truths = try ModelPopulation(PopulationOptions(.model(Self.model()), customers: 50_000, seed: 9, months: 2)).truths.values
    func check(_ values: [Double], mean: Double, variance: Double, _ what: String) {
      let found = values.reduce(0, +) / Double(values.count)
      #expect(abs(found - mean) < 5 * (variance / Double(values.count)).squareRoot(), "\(what): \(found), expected \(mean)")
    }
    check(truths.map(\.ratePerDay), mean: 0.243 / 30.898, variance: 0.243 / 30.898 / 30.898, "rate")
    let sum = 0.793 + 2.426
    check(truths.map(\.dropout), mean: 0.793 / sum, variance: 0.793 * 2.426 / (sum * sum * (sum + 1)), "dropout")
    // 1/ν of ν ~ Gamma(q, v): mean v/(q − 1), variance v²/((q − 1)²(q − 2)).
    let mean = 100 * 6.25 * 15.44 / 2.74
    check(truths.map(\.meanValueMinor), mean: mean, variance: mean * mean / 1.74, "mean value")
  }

  @Test func `as many have no repeat purchase as BG NBD says, (α/(α + T))^r`() throws {
    let population = try ModelPopulation(
      PopulationOptions(.model(Self.model { $0.acquisitionDays = 1 }), customers: 50_000, seed: 10, months: 12))
    let expected = pow(30.898 / (30.898 + 364), 0.243)
    let found = Double(population.truths.values.count { $0.purchaseDays == 1 }) / 50_000
    #expect(abs(found - expected) < 4 * (expected * (1 - expected) / 50_000).squareRoot(), "\(found), expected \(expected)")
    #expect(Set(population.truths.values.map(\.firstDay)).count == 1)
  }

  @Test func `of those who made a repeat purchase the first one drives away a share of a/(a + b)`() throws {
    // Everybody has time for a second purchase, nearly.
    let model = Self.model {
      $0.r = 20
      $0.alphaDays = 400
      $0.acquisitionDays = 1
    }
    let truths = try ModelPopulation(PopulationOptions(.model(model), customers: 30_000, seed: 11, months: 12)).truths.values
    let repeaters = truths.filter { $0.purchaseDays > 1 }
    let expected = 0.793 / (0.793 + 2.426)
    let found = Double(repeaters.count { !$0.isAlive && $0.purchaseDays == 2 }) / Double(repeaters.count)
    #expect(repeaters.count > 29_990)
    #expect(abs(found - expected) < 4 * (expected * (1 - expected) / Double(repeaters.count)).squareRoot(), "\(found)")
  }

  @Test func `a customer's days have gamma values around his mean, whatever he buys`() throws {
    let model = Self.model {
      $0.r = 5
      $0.alphaDays = 100
    }
    let population = try ModelPopulation(PopulationOptions(.model(model), customers: 20_000, seed: 12, months: 12))
    // value/ζ is Gamma(p, p): mean 1, variance 1/p.
    let ratios = population.values.flatMap { id, values in values.values.map { Double($0) / population.truths[id]!.meanValueMinor } }
    let count = Double(ratios.count)
    let mean = ratios.reduce(0, +) / count
    let variance = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    #expect(count > 60_000)
    #expect(abs(mean - 1) < 5 * (1 / 6.25 / count).squareRoot(), "\(mean)")
    #expect(abs(variance - 1 / 6.25) < 0.005, "\(variance)")
  }

  @Test func `first days lie evenly over the acquisition window and all purchases inside the time`() throws {
    let start = try #require(Day("2024-01-31"))
    let model = Self.model { $0.acquisitionDays = 60 }
    let population = try ModelPopulation(PopulationOptions(.model(model), customers: 30_000, seed: 13, start: start, months: 6))
    let end = try #require(Day("2024-07-31"))
    var counts = [Int](repeating: 0, count: 60)
    for truth in population.truths.values { counts[truth.firstDay - start] += 1 }
    // Chi-squared with 59 degrees of freedom: 110 is passed once in 20,000.
    #expect(counts.reduce(0) { $0 + pow(Double($1) - 500, 2) / 500 } < 110)
    #expect(population.values.values.allSatisfy { $0.keys.allSatisfy { $0 >= start && $0 < end } })
  }

  @Test func `customers who buy nearly every day fill the days and no more`() throws {
    let model = Self.model {
      $0.r = 0.1
      $0.alphaDays = 0.5
      $0.a = 0.1
      $0.b = 100
    }
    let population = try ModelPopulation(PopulationOptions(.model(model), customers: 3000, seed: 14, months: 1))
    let full = population.truths.values.filter { $0.purchaseDays > 15 && $0.purchaseDays == $0.lastDay - $0.firstDay + 1 }
    #expect(full.count > 20)
    for (id, values) in population.values { #expect(values.count == population.truths[id]?.purchaseDays, "\(id)") }
  }

  @Test func `one seed gives the same bytes with 1 and with 3 threads, and another seed gives others`() throws {
    func options(_ seed: UInt64, _ threads: Int) -> PopulationOptions {
      PopulationOptions(.model(Self.model()), customers: 9000, files: 3, seed: seed, months: 9, threads: threads)
    }
    let one = try ModelPopulation(options(1, 1)), three = try ModelPopulation(options(1, 3)), other = try ModelPopulation(options(2, 3))
    let names = ["truth", "truth.json", "tx-0.csv.gz", "tx-1.csv.gz", "tx-2.csv.gz"]
    #expect(try one.folder.names() == names)
    for name in names.dropFirst() + ["truth/customers.csv.gz"] {
      #expect(try one.folder.bytes(name) == three.folder.bytes(name), "\(name)")
      #expect(try one.folder.bytes(name) != other.folder.bytes(name), "\(name)")
    }
  }

  @Test func `truth json holds every parameter with its unit, and the counts`() throws {
    let population = try ModelPopulation(PopulationOptions(.model(Self.model { $0.q = 4.5 }), customers: 2000, seed: 15, months: 3))
    let json = try #require(try JSONSerialization.jsonObject(with: population.folder.bytes("truth.json")) as? [String: Any])
    let model = try #require(json["model"] as? [String: Any])
    let parameters = try #require(model["parameters"] as? [[String: Any]])
    let found = Dictionary(uniqueKeysWithValues: parameters.map { ($0["name"] as? String ?? "", $0["value"] as? Double ?? .nan) })
    #expect(found == ["r": 0.243, "alpha_days": 30.898, "a": 0.793, "b": 2.426, "p": 6.25, "q": 4.5, "v": 15.44])
    #expect(parameters.allSatisfy { ($0["unit"] as? String)?.isEmpty == false })
    #expect(model["first_day"] as? String == "2023-01-01" && model["last_day"] as? String == "2023-03-31")
    #expect(model["acquisition_days"] as? Int == 90)
    #expect(model["alive_at_end"] as? Int == population.truths.values.count(where: \.isAlive))
    #expect(model["repeat_purchase_days"] as? Int == population.truths.values.reduce(0) { $0 + $1.purchaseDays - 1 })
    #expect(json["net_minor"] as? Int == population.report.total.netMinor)
  }

  @Test func `a population of another kind replaces the truth of the customers too`() throws {
    let folder = try Folder()
    _ = try generate(PopulationOptions(.model(Self.model()), customers: 50, seed: 1), into: folder.path)
    _ = try generate(PopulationOptions(rows: 50, seed: 1, overwrite: true), into: folder.path)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/truth/customers.csv.gz"))
  }

  @Test(arguments: [
    (model { $0.r = 0 }, "--r 0"), (model { $0.r = .nan }, "--r nan"), (model { $0.alphaDays = -1 }, "--alpha-days -1"),
    (model { $0.a = .infinity }, "--a inf"), (model { $0.b = 0.01 }, "--b 0.01"), (model { $0.p = 1e9 }, "--p"),
    (model { $0.q = 1 }, "q > 1"), (model { $0.v = 0 }, "--v 0"), (model { $0.alphaDays = 1 }, "more than days can show"),
    (model { $0.acquisitionDays = 0 }, "--acquisition-days 0"), (model { $0.acquisitionDays = 366 }, "--acquisition-days 366"),
  ])
  func `odd parameters are refused with a fix, and nothing is written`(model: BuyingModel, words: String) throws {
    let folder = try Folder()
    let error = try #require(throws: PipelineError.self) {
      try generate(PopulationOptions(.model(model), customers: 100, months: 12), into: folder.path)
    }
    #expect(error.exit == .usage && !error.fix.isEmpty)
    #expect(error.description.contains(words), "\(error)")
    #expect(try folder.names().isEmpty)
  }

  @Test func `more customers than rows can be numbered are refused`() throws {
    let folder = try Folder()
    let options = PopulationOptions(.model(Self.model()), customers: 1_500_000_000, months: 12)
    let error = try #require(throws: PipelineError.self) { try generate(options, into: folder.path) }
    #expect(error.exit == .usage && error.description.contains("limit"))
  }
}
