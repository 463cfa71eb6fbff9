import Columns
import Testing

@Suite struct DayTests {
  @Test func `every day from 1600 to 2400 reads, writes and counts as the calendar does`() throws {
    var number: Int32 = -135_140, weekday = 5
    for year in 1600...2400 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (month, count) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        for date in 1...count {
          let day = Day(number)
          let text = "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(date < 10 ? "0" : "")\(date)"
          if day.civil != (year, month + 1, date) || Day(year: year, month: month + 1, day: date) != day || day.description != text
            || Day(text) != day || day.weekday != weekday || day.month != Int32(year * 12 + month)
          {
            Issue.record("\(text): \(day), weekday \(day.weekday)")
            return
          }
          number += 1
          weekday = (weekday + 1) % 7
        }
        #expect(Day.first(ofMonth: Int32(year * 12 + month)).description == "\(year)-\(month < 9 ? "0" : "")\(month + 1)-01")
      }
    }
  }

  @Test(arguments: ["", "2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-1-01", "24-01-01", "2024-01-01 ", "-024-01-01", "2024/01/01", "２024-01-1"])
  func `what is no day is none`(text: String) { #expect(Day(text) == nil) }

  @Test func `days are counted, compared and named by month`() throws {
    let day = try #require(Day("2024-02-28"))
    #expect((day + 2).description == "2024-03-01" && (day + 2) - day == 2 && day < day + 1)
    #expect(Day.monthName(day.month) == "2024-02" && Day("1970-01-01")?.weekday == 3)
  }

  @Test func `texts in a column are read back by row`() {
    let column = TextColumn(["", "é", "abc", ""])
    #expect(column.count == 4 && (0..<4).map { column[$0] } == ["", "é", "abc", ""])
    #expect(column.offsets == [0, 0, 2, 5, 5])
  }

  @Test func `an error says where, what and what to do, a line each`() {
    let error = PipelineError(.badInput, "a.csv, line 3: cut", details: ["at byte 7"], fix: "deliver it again")
    #expect(error.description == "error: a.csv, line 3: cut\n  at byte 7\n  fix: deliver it again")
    #expect(PipelineError(.usage, "x").description == "error: x" && PipelineError.Exit.badPipeline.rawValue == 78)
  }
}
