import Foundation

/// One transaction, read the plain way: lines and fields by splitting.
package struct TwinRow: Hashable {
  package var id: String
  package var customer: String
  /// Seconds since 1970, UTC.
  package var second: Int
  package var amount: Int
  package var discount: Int?
  package var cost: Int?
  package var category: String?
  package var channel: String?
  package var isRefund: Bool
  package var updated: Int?
}

package struct TwinFault: Error {
  package var text: String

  package init(text: String) { self.text = text }
}

/// A dump's rows that are well formed, its bytes taken as Latin-1: strings are then equal only where their bytes are. The files may be
/// gzip'd (`.gz`) or plain; fields hold no quotes.
package func twinRows(ofFile path: String, fractionDigits: Int = 2, zone: String = "UTC") throws -> [TwinRow] {
  let text = path.hasSuffix(".gz") ? try gunzip(path) : try String(contentsOfFile: path, encoding: .isoLatin1)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
  guard let head = lines.first else { return [] }
  let names = head.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  var times = TwinTimes(zone: zone)
  return lines.dropFirst().compactMap { line in
    let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == names.count else { return nil }
    var row: [String: String] = [:]
    for (name, field) in zip(names, fields) where !field.isEmpty { row[name] = field }
    return twinRow(row, fractionDigits, &times)
  }
}

/// nil where a field is missing or can not be read.
private func twinRow(_ row: [String: String], _ digits: Int, _ times: inout TwinTimes) -> TwinRow? {
  guard let id = row["transaction_id"], let customer = row["customer_id"], let time = row["occurred_at"], let second = times.second(time),
    let amount = row["amount"].flatMap({ twinMinor($0, digits) })
  else { return nil }
  var result = TwinRow(id: id, customer: customer, second: second, amount: amount, isRefund: false)
  if let text = row["discount"] {
    guard let value = twinMinor(text, digits) else { return nil }
    result.discount = value
  }
  if let text = row["cost"] {
    guard let value = twinMinor(text, digits) else { return nil }
    result.cost = value
  }
  if let text = row["updated_at"] {
    guard let value = times.second(text) else { return nil }
    result.updated = value
  }
  switch row["kind"] {
  case nil, "purchase": break
  case "refund": result.isRefund = true
  default: return nil
  }
  (result.category, result.channel) = (row["category"], row["channel"])
  return result
}

/// `12.5` is 1250 with two digits. nil for everything that is not digits with at most one point among them.
private func twinMinor(_ text: String, _ digits: Int) -> Int? {
  let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { "0123456789".contains($0) } }) else { return nil }
  var decimals = parts.count == 2 ? parts[1] : ""
  while decimals.count < digits { decimals += "0" }
  guard decimals.dropFirst(digits).allSatisfy({ $0 == "0" }) else { return nil }
  return Int(parts[0] + decimals.prefix(digits))
}

/// Times of the forms that the tests' dumps use: a day, or day and clock with `T` and then `Z`, an offset or nothing.
private struct TwinTimes {
  private let calendar: Calendar
  private let zone: TimeZone
  private var midnights: [String: Int?] = [:]

  init(zone: String) {
    var utc = Calendar(identifier: .gregorian)
    utc.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
    calendar = utc
    self.zone = TimeZone(identifier: zone) ?? .current
  }

  mutating func second(_ text: String) -> Int? {
    let day = String(text.prefix(10)), rest = text.dropFirst(10)
    if midnights[day] == nil { midnights[day] = .some(midnight(day)) }
    guard let midnight = midnights[day] ?? nil else { return nil }
    if rest.isEmpty { return local(midnight) }
    let clock = rest.dropFirst().prefix(8).split(separator: ":").compactMap { Int($0) }
    guard rest.first == "T", clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] < 60 else { return nil }
    let written = midnight + clock[0] * 3600 + clock[1] * 60 + clock[2]
    let offset = rest.dropFirst(9)
    if offset.isEmpty { return local(written) }
    if offset == "Z" { return written }
    let parts = offset.dropFirst().split(separator: ":").compactMap { Int($0) }
    guard parts.count == 2 else { return nil }
    let seconds = parts[0] * 3600 + parts[1] * 60
    return offset.first == "-" ? written + seconds : written - seconds
  }

  private func midnight(_ day: String) -> Int? {
    let parts = day.split(separator: "-").compactMap { Int($0) }
    guard day.count == 10, parts.count == 3 else { return nil }
    let wanted = DateComponents(year: parts[0], month: parts[1], day: parts[2])
    guard let date = calendar.date(from: wanted) else { return nil }
    let back = calendar.dateComponents([.year, .month, .day], from: date)
    guard back.year == parts[0], back.month == parts[1], back.day == parts[2] else { return nil }
    return Int(date.timeIntervalSince1970)
  }

  /// Wall-clock seconds of the zone into UTC, away from the hours where clocks are changed.
  private func local(_ written: Int) -> Int {
    let near = written - zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(written)))
    return written - zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(near)))
  }
}

private func gunzip(_ path: String) throws -> String {
  let gzip = Process()
  gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  gzip.arguments = ["gzip", "-dc", path]
  let pipe = Pipe()
  gzip.standardOutput = pipe
  try gzip.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  gzip.waitUntilExit()
  guard gzip.terminationStatus == 0, let text = String(data: data, encoding: .isoLatin1) else {
    throw TwinFault(text: "\(path) can not be read")
  }
  return text
}
