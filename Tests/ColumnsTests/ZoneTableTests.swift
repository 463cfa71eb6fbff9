import Columns
import Foundation
import Testing

@Suite struct ZoneTableTests {
  private func zone(_ name: String) throws -> ZoneTable { try #require(ZoneTable(name: name)) }

  private func seconds(_ day: String, _ hour: Int, _ minute: Int = 0, _ second: Int = 0) throws -> Int64 {
    Int64(try #require(Day(day)).number) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }

  @Test func `in Berlin the hour that does not exist is read with the offset before it`() throws {
    let zone = try zone("Europe/Berlin")
    #expect(try zone.utc(fromLocal: seconds("2024-03-31", 1, 59, 59)) == seconds("2024-03-31", 0, 59, 59))
    #expect(try zone.utc(fromLocal: seconds("2024-03-31", 2)) == seconds("2024-03-31", 1))
    #expect(try zone.utc(fromLocal: seconds("2024-03-31", 2, 30)) == seconds("2024-03-31", 1, 30))
    #expect(try zone.utc(fromLocal: seconds("2024-03-31", 3)) == seconds("2024-03-31", 1))
    #expect(try zone.utc(fromLocal: seconds("2024-03-31", 3, 30)) == seconds("2024-03-31", 1, 30))
  }

  @Test func `in Berlin the hour that comes twice is read as the first`() throws {
    let zone = try zone("Europe/Berlin")
    #expect(try zone.utc(fromLocal: seconds("2024-10-27", 1, 59, 59)) == seconds("2024-10-26", 23, 59, 59))
    #expect(try zone.utc(fromLocal: seconds("2024-10-27", 2)) == seconds("2024-10-27", 0))
    #expect(try zone.utc(fromLocal: seconds("2024-10-27", 2, 59, 59)) == seconds("2024-10-27", 0, 59, 59))
    #expect(try zone.utc(fromLocal: seconds("2024-10-27", 3)) == seconds("2024-10-27", 2))
  }

  @Test func `Samoa's day that was left out is read with the offset before it`() throws {
    let zone = try zone("Pacific/Apia")
    #expect(try zone.utc(fromLocal: seconds("2011-12-29", 23)) == seconds("2011-12-30", 9))
    #expect(try zone.utc(fromLocal: seconds("2011-12-30", 12)) == seconds("2011-12-30", 22))
    #expect(try zone.utc(fromLocal: seconds("2011-12-31", 1)) == seconds("2011-12-30", 11))
  }

  @Test func `UTC shifts nothing`() throws {
    let zone = try zone("UTC")
    #expect(zone.isUTC)
    var values: [Int64] = [Int64.min + 1, -1, 0, 1_709_251_200, Int64.max]
    let same = values
    zone.shiftToLocal(&values)
    #expect(values == same && same.allSatisfy { zone.utc(fromLocal: $0) == $0 && zone.offset(atUTC: $0) == 0 })
    #expect(ZoneTable(name: "Europe/Nowhere") == nil && ZoneTable(name: "") == nil)
  }

  @Test(arguments: ["Europe/Berlin", "America/New_York", "Europe/Moscow", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca"])
  func `offsets are the system's, day and night from 1950 to 2100, and every wall clock finds its way back`(name: String) throws {
    let zone = try zone(name), system = try #require(TimeZone(identifier: name))
    var instants: [Int64] = [], locals: [Int64] = []
    for at in stride(from: Int64(-631_152_000), to: 4_102_444_800, by: 13 * 3600 + 1) {
      let offset = Int64(system.secondsFromGMT(for: Date(timeIntervalSince1970: Double(at))))
      if zone.offset(atUTC: at) != offset { Issue.record("\(name) at \(at): \(zone.offset(atUTC: at)), expected \(offset)") }
      instants.append(at)
      locals.append(at + offset)
      // The earliest instant with this wall clock: this one, or one that came before it with another offset.
      let earlier = [at - 3600, at - 1800, at - 7200].filter { $0 + zone.offset(atUTC: $0) == at + offset }
      let expected = earlier.min() ?? at
      if zone.utc(fromLocal: at + offset) != expected { Issue.record("\(name): wall clock \(at + offset)") }
    }
    zone.shiftToLocal(&instants)
    #expect(instants == locals)
  }
}
