import Columns
import Models

/// Pareto/NBD for customers who have their own levels of some covariates, and of the others what customers have in the mean: γ₁ᵀz and γ₂ᵀz of the
/// covariate's levels, so that the mean customer's α and β are the geometric means of the customers' own.
struct CovariateMixtures {
  let model: CovariateModel
  private let table: Table
  /// By covariate: the mean of γ₁ᵀz and of γ₂ᵀz.
  private let means: [(rate: Double, leaving: Double)]
  /// By covariate, then row: which of `words` are his.
  let sides: [[UInt8]]

  /// - Parameter there: rows of the customers whom the mean is of.
  /// - Throws: 65 where a column is missing.
  init(_ model: CovariateModel, _ table: Table, there: [Int]) throws(PipelineError) {
    (self.model, self.table) = (model, table)
    var means: [(rate: Double, leaving: Double)] = [], sides: [[UInt8]] = [], first = 0
    for one in model.levels {
      let words = try one.covariate.words(of: table)
      var customers = [Int](repeating: 0, count: words.words.count), mean = (rate: 0.0, leaving: 0.0)
      for row in there { customers[Int(words.codes[row])] += 1 }
      for (word, count) in zip(words.words, customers) where count > 0 {
        let level = one.level(of: word)
        guard level > 0 else { continue }
        let share = Double(count) / Double(there.count)
        mean.rate += share * model.model.rateEffects[first + level - 1]
        mean.leaving += share * model.model.leavingEffects[first + level - 1]
      }
      means.append(mean)
      let sideOf = words.words.map { UInt8(one.side(of: $0)) }
      sides.append(words.codes.map { sideOf[Int($0)] })
      first += one.levels.count
    }
    (self.means, self.sides) = (means, sides)
  }

  /// - Parameter own: bits of the covariates that are the customers' own.
  /// - Returns: models, and which one each row has; nil: there is one.
  func models(_ own: Int) throws(PipelineError) -> (models: [PurchaseModel], groupOf: [Int32]?) {
    var levels: [CovariateLevels] = [], dummies: [Int] = [], mean = (rate: 0.0, leaving: 0.0), first = 0
    for (place, one) in model.levels.enumerated() {
      if own >> place & 1 == 1 {
        levels.append(one)
        dummies += first..<first + one.levels.count
      } else {
        (mean.rate, mean.leaving) = (mean.rate + means[place].rate, mean.leaving + means[place].leaving)
      }
      first += one.levels.count
    }
    let groups = try CovariateGroups(table, levels)
    let models = groups.dummies.map { PurchaseModel.paretoNBD(model.model.model(of: $0.map { dummies[$0] }, besides: mean)) }
    return (models, models.count > 1 ? groups.groupOf : nil)
  }

  /// By covariate and side, in words a salesman would use.
  var words: [[String]] {
    model.levels.map { one in
      ([one.reference] + one.levels).map { one.covariate.phrase($0) } + [one.covariate.phrase(CovariateLevels.others)]
    }
  }
}

extension CovariateLevels {
  /// Number of a word's level, or behind them all, where it is none of its own.
  fileprivate func side(of word: String) -> Int {
    let level = level(of: word)
    return word == (level > 0 ? levels[level - 1] : reference) ? level : levels.count + 1
  }
}

extension Covariate {
  /// What it says of a customer that he is of a level.
  fileprivate func phrase(_ level: String) -> String {
    let subject = self == .cohortQuarter ? "first bought in" : rawValue.replacing("_", with: " ")
    switch level {
    case CovariateWords.none: return subject + (self == .cohortQuarter ? " an unknown quarter" : " unknown")
    case CovariateLevels.others: return self == .cohortQuarter ? subject + " another quarter" : "another " + subject
    default: return subject + " " + level
    }
  }
}
