import Columns

/// Of each row the three contributions of greatest size, in words.
struct StrongestReasons {
  private static let ordinals = ["strongest", "second strongest", "third strongest"]
  /// By place, then row: numbers of texts; 0: none.
  private var codes: [[UInt16]]
  private let dictionary: [String]

  /// - Parameters:
  ///   - parts: by input, then row: above 0 raises the score; NaN and 0 count for nothing. Among equals the first input stands first.
  ///   - isHigh: likewise, whether the input is above the mean.
  ///   - words: of each input above, and below, the mean.
  init(rowCount: Int, _ parts: [[Double]], isHigh: [[Bool]], words: [(high: String, low: String)]) {
    dictionary = [""] + words.flatMap { ["raises: " + $0.high, "lowers: " + $0.high, "raises: " + $0.low, "lowers: " + $0.low] }
    codes = [[UInt16]](repeating: [UInt16](repeating: 0, count: rowCount), count: 3)
    var sizes = [[Double]](repeating: [Double](repeating: 0, count: rowCount), count: 3)
    for (j, part) in parts.enumerated() {
      for row in part.indices {
        var size = abs(part[row]), code = UInt16(1 + 4 * j + (isHigh[j][row] ? 0 : 2) + (part[row] > 0 ? 0 : 1))
        for place in 0..<3 where size > sizes[place][row] {
          (size, sizes[place][row]) = (sizes[place][row], size)
          (code, codes[place][row]) = (codes[place][row], code)
        }
      }
    }
  }

  func columns(_ definition: (_ ordinal: (number: Int, text: String)) -> ColumnDefinition) -> [Column] {
    codes.enumerated().map { place, codes in
      Column(
        definition((place + 1, Self.ordinals[place])), .code(codes, dictionary: dictionary),
        isPresent: codes.contains(0) ? codes.map { $0 != 0 } : nil)
    }
  }
}
