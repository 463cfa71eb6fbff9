/// Times of one shape, such as numbers parted by `/`, `/`, a space and `:`. What each number was tells which it may be.
struct TimeShape {
  struct Number {
    var widthMin = Int.max
    var widthMax = 0
    var hasLeadingZero = false
    /// Always two digits as far as one can see; false where one digit stood, or nothing tells.
    func isPadded(_ others: [Number]) -> Bool {
      if widthMin < 2 { return false }
      return hasLeadingZero || others.contains { $0.hasLeadingZero } && !others.contains { $0.widthMin < 2 }
    }
  }
  private(set) var count = 0
  private(set) var numbers: [Number] = []

  private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map { Array($0.utf8) }
  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  /// The text with each number as `0`, English months as `M`, AM and PM as `a`; nil for what no pattern can read.
  static func key(_ value: ArraySlice<UInt8>) -> [UInt8]? {
    guard value.count <= 40 else { return nil }
    var key: [UInt8] = [], i = value.startIndex
    while i < value.endIndex {
      let byte = value[i]
      if isDigit(byte) {
        while i < value.endIndex && isDigit(value[i]) { i += 1 }
        key.append(48)
        continue
      }
      guard byte | 0x20 >= 97 && byte | 0x20 <= 122 else {
        guard byte >= 32 && byte < 127 else { return nil }
        key.append(byte)
        i += 1
        continue
      }
      let word = value[i...].prefix { $0 | 0x20 >= 97 && $0 | 0x20 <= 122 }.map { $0 | 0x20 }
      i += word.count
      switch word {
      case _ where months.contains(word): key.append(UInt8(ascii: "M"))
      case Array("am".utf8), Array("pm".utf8): key.append(UInt8(ascii: "a"))
      case [UInt8(ascii: "t")]: key.append(UInt8(ascii: "T"))
      case [UInt8(ascii: "z")]: key.append(UInt8(ascii: "Z"))
      default: return nil
      }
    }
    return key
  }

  mutating func add(_ value: ArraySlice<UInt8>) {
    count += 1
    var i = value.startIndex, place = 0
    while i < value.endIndex {
      guard Self.isDigit(value[i]) else {
        i += 1
        continue
      }
      let from = i
      while i < value.endIndex && Self.isDigit(value[i]) { i += 1 }
      if numbers.count == place { numbers.append(Number()) }
      numbers[place].widthMin = min(numbers[place].widthMin, i - from)
      numbers[place].widthMax = max(numbers[place].widthMax, i - from)
      if value[from] == 48 && i - from == 2 { numbers[place].hasLeadingZero = true }
      place += 1
    }
  }

  /// Patterns that the shape allows, the likelier first where nothing else tells them apart.
  func patterns(_ key: [UInt8]) -> [String] {
    if let first = numbers.first, [8, 12, 14].contains(first.widthMin), first.widthMin == first.widthMax, key.first == 48 {
      let time = first.widthMin == 14 ? "HHmmss" : first.widthMin == 12 ? "HHmm" : ""
      return ["yyyyMMdd", "ddMMyyyy", "MMddyyyy"].compactMap { text(Array(key.dropFirst()), date: [], written: $0 + time, next: 1) }
    }
    guard numbers.count + key.count(where: { $0 == UInt8(ascii: "M") }) >= 3 else { return [] }
    let separator = key.first { $0 != 48 && $0 != UInt8(ascii: "M") }
    let hasHalf = key.contains(UInt8(ascii: "a"))
    // Clocks of twelve hours and slashes go with the month first; dots and dashes with the day.
    let orders = separator == UInt8(ascii: "/") && hasHalf ? ["yMd", "Mdy", "dMy", "ydM"] : ["yMd", "dMy", "Mdy", "ydM"]
    return orders.compactMap { text(key, date: Array($0), written: "", next: 0) }
  }

  /// - Parameters:
  ///   - date: which part each of the first three numbers is.
  ///   - written: what was written before `key`.
  ///   - next: the number that is first in `key`.
  private func text(_ key: [UInt8], date: [Character], written: String, next: Int) -> String? {
    var text = written, date = date[...], place = next, clock = "Hms"[...], hasTime = false
    let isHalf = key.contains(UInt8(ascii: "a"))
    let shorts = numbers.filter { $0.widthMax <= 2 }
    for (i, element) in key.enumerated() {
      switch element {
      case UInt8(ascii: "M"):
        guard date.popFirst() == "M" else { return nil }
        text += "MMM"
      case UInt8(ascii: "a"): text += "a"
      case UInt8(ascii: "Z"): text += "X"
      case 48:
        guard place < numbers.count else { return nil }
        let number = numbers[place]
        place += 1
        if let part = date.popFirst() {
          guard let written = Self.date(part, number, shorts) else { return nil }
          text += written
        } else if clock == "Hms" && number.widthMax > 2 {
          guard number.widthMin == number.widthMax, number.widthMax == 4 || number.widthMax == 6 else { return nil }
          text += number.widthMax == 6 ? "HHmmss" : "HHmm"
          clock = ""
          hasTime = true
        } else if let part = clock.popFirst() {
          guard number.widthMax <= 2 else { return nil }
          let letter = part == "H" && isHalf ? "h" : String(part)
          let isPadded = part == "H" ? number.isPadded(shorts) : number.widthMin == 2
          text += isPadded ? letter + letter : letter
          hasTime = true
        } else if i > 0, key[i - 1] == UInt8(ascii: ".") || key[i - 1] == UInt8(ascii: ",") {
          text += "S"
        } else {
          return nil
        }
      case UInt8(ascii: "+") where hasTime, UInt8(ascii: "-") where hasTime:
        return text + "X"
      default: text += String(Unicode.Scalar(element))
      }
    }
    return date.isEmpty ? text : nil
  }

  /// A part of the date as a number of such widths would be written.
  private static func date(_ part: Character, _ number: Number, _ others: [Number]) -> String? {
    switch part {
    case "y":
      if number.widthMin == 4 && number.widthMax == 4 { return "yyyy" }
      return number.widthMin == 2 && number.widthMax == 2 ? "yy" : nil
    case "M": return number.widthMax <= 2 ? (number.isPadded(others) ? "MM" : "M") : nil
    default: return number.widthMax <= 2 ? (number.isPadded(others) ? "dd" : "d") : nil
    }
  }
}
