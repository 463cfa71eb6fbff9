import Columns
import Dumps
import Foundation

/// Numbers from a seed: SplitMix64.
package struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A small population in shapes that real ones rarely have all at once. The seed chooses the columns and the zone too.
package struct NastyPopulation {
  package let zone: String
  package let columns: [String]
  package private(set) var lines: [String] = []
  /// As-of days worth a look; the first is in the middle.
  package let days = ["2024-06-30", "2024-03-31", "2025-01-15"]
  private var numbers: SeededNumbers
  private var nextID = 0

  package var mapping: TransactionMapping {
    func name(_ column: String) -> String? { columns.contains(column) ? column : nil }
    return TransactionMapping(
      discount: name("discount"), cost: name("cost"), category: name("category"), channel: name("channel"), kind: name("kind"),
      updatedAt: name("updated_at"))
  }

  package init(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    zone = ["UTC", "Europe/Berlin", "America/Sao_Paulo"][Int(seed % 3)]
    let isPoor = seed % 4 == 3
    columns =
      ["transaction_id", "customer_id", "occurred_at", "amount"]
      + ["discount", "cost", "category", "channel", "updated_at"].filter { _ in !isPoor || numbers.next() % 3 == 0 } + ["kind"]
    self.numbers = numbers
    for customer in Self.customers { addCustomer(customer) }
    addRepeats()
    lines.shuffle(using: &self.numbers)
  }

  /// Common beginnings, different lengths, bytes beyond ASCII, and two spellings of one word that only their bytes tell apart.
  private static let customers =
    ["C", "C0", "C00", "C000", "C0000000", "C00000000", "C000000001", "C0000000010", "é", "e\u{301}", "日本", "日本語", "z", "Z", "~", "0"]
    + (0..<40).map { "C00000" + String($0) }

  private mutating func addCustomer(_ customer: String) {
    switch numbers.next() % 10 {
    case 0: add(customer, second: second(), isRefund: false)
    case 1: for _ in 0..<1 + Int(numbers.next() % 3) { add(customer, second: second(), isRefund: true) }
    case 2:
      let first = second()
      add(customer, second: first, isRefund: true)
      add(customer, second: first + 86_400 * 3, isRefund: false)
    case 3: addTies(customer)
    case 4: addBorders(customer)
    case 5: for _ in 0..<45 + Int(numbers.next() % 60) { add(customer, second: second(), isRefund: numbers.next() % 9 == 0) }
    case 6: addClockChanges(customer)
    case 7:
      // A steady buyer who comes back now and then.
      var at = second(), step = 1 + Int(numbers.next() % 40)
      for i in 0..<20 {
        add(customer, second: at, isRefund: false)
        if i % 7 == 6 { step += 120 }
        at += 86_400 * step
        if i % 7 == 6 { step -= 120 }
      }
    default: for _ in 0..<2 + Int(numbers.next() % 12) { add(customer, second: second(), isRefund: numbers.next() % 6 == 0) }
    }
  }

  /// From 2022-12 to 2025-01, some after every as-of day.
  private mutating func second() -> Int {
    let day = 19_350 + Int(numbers.next() % 780), isMidnight = numbers.next() % 5 == 0
    return day * 86_400 + (isMidnight ? 0 : Int(numbers.next() % 86_400))
  }

  /// Several purchases in one second: the first and last channel go by the id.
  private mutating func addTies(_ customer: String) {
    for _ in 0..<2 {
      let at = second()
      for _ in 0..<2 + Int(numbers.next() % 4) { add(customer, second: at, isRefund: false) }
    }
  }

  /// On both sides of every window's border, and of the as-of day.
  private mutating func addBorders(_ customer: String) {
    for age in [-1, 0, 29, 30, 59, 60, 89, 90, 179, 180, 364, 365, 729, 730] where numbers.next() % 3 != 0 {
      let day = 19_904 - age
      add(customer, second: day * 86_400 + [0, 86_399, 43_200][Int(numbers.next() % 3)], isRefund: numbers.next() % 8 == 0)
    }
  }

  /// Around the hours that come twice or never, in zones that have such.
  private mutating func addClockChanges(_ customer: String) {
    // 2023-10-29, 2024-03-31 and 2024-10-27 in Berlin at 01:00 UTC; 2018-02-18 and 2018-11-04 in São Paulo at 02:00 and 03:00 UTC.
    for base in [1_698_541_200, 1_711_846_800, 1_729_990_800, 1_518_919_200, 1_541_300_400] where numbers.next() % 3 != 0 {
      for _ in 0..<3 { add(customer, second: base - 5400 + Int(numbers.next() % 10_800), isRefund: false) }
    }
  }

  private mutating func add(_ customer: String, second: Int, isRefund: Bool) {
    nextID += 1
    let id = ["T", "t", "T0", "Ω"][Int(numbers.next() % 4)] + String(numbers.next() % 100_000) + "-" + String(nextID)
    lines.append(line(id, customer, time(second), isRefund))
  }

  private mutating func line(_ id: String, _ customer: String, _ time: String, _ isRefund: Bool) -> String {
    func money(_ limit: UInt64) -> String {
      let minor = numbers.next() % limit
      return "\(minor / 100).\(minor % 100 / 10)\(minor % 10)"
    }
    return columns.map { column in
      switch column {
      case "transaction_id": id
      case "customer_id": customer
      case "occurred_at": time
      case "amount": numbers.next() % 12 == 0 ? "0" : money(20_000)
      case "discount": numbers.next() % 3 == 0 ? "" : numbers.next() % 3 == 0 ? "0.00" : money(5000)
      case "cost": numbers.next() % 4 == 0 ? "" : money(15_000)
      case "category": ["", "", "books", "music", "Musik", "book", "büro", "bu\u{308}ro"][Int(numbers.next() % 8)]
      case "channel": ["", "web", "store", "app", "phone"][Int(numbers.next() % 5)]
      case "updated_at": numbers.next() % 2 == 0 ? "" : "2024-0\(1 + numbers.next() % 9)-01T00:00:00Z"
      default: isRefund ? "refund" : "purchase"
      }
    }.joined(separator: ",")
  }

  /// With `Z`, an offset, or, away from the clock changes in UTC, nothing.
  private mutating func time(_ second: Int) -> String {
    func text(_ second: Int) -> String {
      let day = Day(Int32(second / 86_400)), clock = second % 86_400
      return "\(day)T" + [clock / 3600, clock / 60 % 60, clock % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
    switch numbers.next() % 3 {
    case 0: return text(second + 19_800) + "+05:30"
    case 1 where zone == "UTC": return text(second)
    default: return text(second) + "Z"
    }
  }

  /// Plain repeats, and repeats of an id with other content or another customer.
  private mutating func addRepeats() {
    for _ in 0..<30 {
      let fields = lines[Int(numbers.next() % UInt64(lines.count))].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let isRefund = fields.last == "refund"
      switch numbers.next() % 3 {
      case 0: lines.append(fields.joined(separator: ","))
      case 1: lines.append(line(fields[0], fields[1], time(second()), isRefund))
      default: lines.append(line(fields[0], "C0", fields[2], numbers.next() % 2 == 0))
      }
    }
  }

  /// Writes the lines into so many plain dumps; returns their paths.
  package func write(to folder: StoreFolder, files: Int, names: [String]? = nil, lines: [String]? = nil) throws -> [String] {
    let lines = lines ?? self.lines
    return try (0..<files).map { f in
      let part = lines[lines.count * f / files..<lines.count * (f + 1) / files]
      let text = ([columns.joined(separator: ",")] + part).joined(separator: "\n") + "\n"
      return try folder.write(names?[f] ?? "tx-\(f).csv", text)
    }
  }
}

/// The lines of a CSV file behind its header, as fields.
package func lines(ofFile path: String) throws -> [[String]] {
  let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
  return lines.dropFirst().map { $0.split(separator: ",").map(String.init) }
}
