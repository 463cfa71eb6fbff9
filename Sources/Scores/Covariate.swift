import Columns
import Models

/// What may scale the rates of Pareto/NBD: what is known of a customer from his first purchase day on, and never changes.
package enum Covariate: String, Sendable, Hashable, Codable, CaseIterable {
  case firstChannel = "first_channel"
  case firstCategory = "first_category"
  case cohortQuarter = "cohort_quarter"

  /// The column of the features that it is read from.
  package var feature: String { self == .cohortQuarter ? "cohort_month" : rawValue }

  /// The word of each row, as a number in `words`.
  func words(of table: Table) throws(PipelineError) -> CovariateWords {
    guard let column = table[feature] else { throw lacking(feature) }
    let absent = column.isPresent?.map { !$0 }
    switch column.values {
    case .code(let codes, let dictionary): return CovariateWords(codes.map { Int32($0) }, dictionary, absent)
    case .int32(let months):
      let present = months.indices.filter { !(absent?[$0] ?? false) }.map { months[$0] / 3 }
      guard let first = present.min(), let last = present.max() else { return CovariateWords(months.map { _ in 0 }, [], absent) }
      let names = (first...last).map { "\($0 / 4)-Q\($0 % 4 + 1)" }
      return CovariateWords(months.map { min(max($0 / 3, first), last) - first }, names, absent)
    default: throw lacking(feature)
    }
  }
}

/// A column of few words.
struct CovariateWords {
  /// Of customers for whom nothing is known.
  static let none = "(none)"
  private(set) var codes: [Int32]
  private(set) var words: [String]

  init(_ codes: [Int32], _ words: [String], _ absent: [Bool]?) {
    (self.codes, self.words) = (codes, words + [Self.none])
    guard let absent else { return }
    for row in absent.indices where absent[row] { self.codes[row] = Int32(words.count) }
  }
}

/// The levels of a covariate as they were when the model was fitted.
package struct CovariateLevels: Sendable, Hashable, Codable {
  /// The level of those that are too rare for one of their own, and of those that came later.
  static let others = "(others)"
  /// A rarer level joins the others.
  static let customersLeast = 200
  /// So many levels at most have an effect of their own.
  static let levelsMost = 20

  package var covariate: Covariate
  /// The level that the others are compared with: the most frequent one.
  package var reference: String
  /// Those with effects, the most frequent first; the others, where they are many enough, last.
  package var levels: [String]

  /// - Parameter counts: customers of each word.
  init(_ covariate: Covariate, words: [String], counts: [Int]) {
    self.covariate = covariate
    var customers: [String: Int] = [:]
    for (word, count) in zip(words, counts) where count > 0 { customers[word, default: 0] += count }
    let ranked = customers.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    reference = ranked.first?.key ?? CovariateWords.none
    let others = ranked.dropFirst()
    let own = others.filter { $0.value >= Self.customersLeast && $0.key != Self.others }.prefix(Self.levelsMost)
    levels = own.map(\.key)
    let rest = others.reduce(0) { $0 + $1.value } - own.reduce(0) { $0 + $1.value }
    if rest >= Self.customersLeast { levels.append(Self.others) }
  }

  /// Number of a word's level, from 1 on; 0: the reference.
  func level(of word: String) -> Int {
    if word == reference { return 0 }
    if let place = levels.firstIndex(of: word) { return place + 1 }
    return levels.last == Self.others ? levels.count : 0
  }

  /// `first_channel=web`
  var dummies: [String] { levels.map { "\(covariate.rawValue)=\($0)" } }
}
