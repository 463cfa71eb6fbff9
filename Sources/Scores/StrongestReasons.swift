import Columns

/// Of each row the three contributions of greatest size, in words.
struct StrongestReasons {
  private static let ordinals = ["strongest", "second strongest", "third strongest"]
  /// By place, then row: numbers of texts; 0: none.
  private var codes: [[UInt16]]
  private let dictionary: [String]

  /// - Parameters:
  ///   - parts: by input, then row: above 0 raises the score; NaN and 0 count for nothing. Among equals the first input stands first.
  ///   - sides: likewise, which of the input's words fits the value.
  ///   - words: of each input, by side.
  init(rowCount: Int, _ parts: [[Double]], sides: [[UInt8]], words: [[String]]) {
    var texts = [""], firsts: [Int] = []
    for input in words {
      firsts.append(texts.count)
      texts += input.flatMap { ["raises: " + $0, "lowers: " + $0] }
    }
    dictionary = texts
    codes = [[UInt16]](repeating: [UInt16](repeating: 0, count: rowCount), count: 3)
    var sizes = [[Double]](repeating: [Double](repeating: 0, count: rowCount), count: 3)
    for (j, part) in parts.enumerated() {
      for row in part.indices {
        var size = abs(part[row]), code = UInt16(firsts[j] + 2 * Int(sides[j][row]) + (part[row] > 0 ? 0 : 1))
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
