/// How the customers of a day are spread over the values of a column: what is kept of it with a fit.
package struct ColumnSpread: Sendable, Hashable, Codable {
  package var column: String
  /// Of numbers: where bins begin, ascending. The first bin holds what is below the first of them.
  package var edges: [Double]?
  /// Of words: the most frequent ones, a bin each; one more bin holds all others.
  package var words: [String]?
  /// Customers by bin; the last bin is of those without a value.
  package var customers: [Int64]
  /// nil for words, and where nobody has a value.
  package var mean: Double?

  private static let wordsMax = 15, wordBytesMax = 80

  /// Of numbers, bins by tenths: a new one begins where another tenth of the customers lies below, and before and after a class that holds a
  /// tenth or more. So a value that many have stands alone, and a constant has a bin below and one above it.
  /// Of words, those of most customers, among equals the first by name.
  init(_ counts: ColumnCounts) {
    column = counts.name
    customers = []
    if let dictionary = counts.words {
      let met = dictionary.indices.filter { counts.places[$0] > 0 && dictionary[$0].utf8.count <= Self.wordBytesMax }
      let ranked = met.sorted { (counts.places[$1], dictionary[$0]) < (counts.places[$0], dictionary[$1]) }.map { dictionary[$0] }
      // Two spellings of one character are one word to Swift, and share a bin.
      var taken: Set<String> = []
      words = Array(ranked.filter { taken.insert($0).inserted }.prefix(Self.wordsMax))
    } else {
      edges = Self.edges(counts.places)
    }
    customers = regrouped(counts) ?? []
    mean = counts.mean
  }

  private static func edges(_ places: [Int64]) -> [Double] {
    let met = places.indices.filter { places[$0] > 0 }
    let all = places.reduce(0, +)
    var edges: [Double] = [], before: Int64 = 0, tenths: Int64 = 0
    for place in met {
      let isHeavy = places[place] * 10 >= all, tenthsBelow = before * 10 / all
      if isHeavy || tenthsBelow > tenths {
        edges.append(ValueClasses.lower(place))
        tenths = tenthsBelow
      }
      before += places[place]
      if isHeavy, place == met.last, place + 1 < places.count { edges.append(ValueClasses.lower(place + 1)) }
    }
    return edges
  }

  var binCount: Int { (edges?.count ?? words?.count ?? 0) + 2 }

  /// Other customers, by the same bins; nil where the column holds something else now.
  func regrouped(_ counts: ColumnCounts) -> [Int64]? {
    guard let bins = bins(counts.words) else { return nil }
    var grouped = [Int64](repeating: 0, count: binCount)
    for place in counts.places.indices { grouped[Int(bins[place])] += counts.places[place] }
    grouped[binCount - 1] = counts.missing
    return grouped
  }

  /// The bin of each place of `ColumnCounts`; nil where these were bins of numbers and the column holds words now, or the other way.
  func bins(_ dictionary: [String]?) -> [UInt8]? {
    if let words, let dictionary {
      let binOfWord = Dictionary(words.enumerated().map { ($1, UInt8($0)) }) { first, _ in first }
      return dictionary.map { binOfWord[$0] ?? UInt8(words.count) }
    }
    guard let edges, dictionary == nil else { return nil }
    let begins = edges.map(ValueClasses.place)
    var bins = [UInt8](repeating: 0, count: ValueClasses.count), bin = 0
    for place in bins.indices {
      while bin < begins.count, begins[bin] <= place { bin += 1 }
      bins[place] = UInt8(bin)
    }
    return bins
  }

  /// Whether it is one of ours.
  var isSound: Bool {
    let names = edges == nil ? words.map { Set($0).count == $0.count } ?? false : words == nil
    let rises = edges.map { zip($0, $0.dropFirst()).allSatisfy { $0 < $1 } && $0.allSatisfy(\.isFinite) } ?? true
    return names && rises && binCount <= 64 && customers.count == binCount && customers.allSatisfy { (0...Int64(Int32.max)).contains($0) }
      && mean?.isFinite ?? true
  }
}
