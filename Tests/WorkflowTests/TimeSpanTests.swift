import Testing
import Workflow

@Suite struct `A length of time` {
  @Test(arguments: [
    ("30s", 30, "30s"), ("5m", 300, "5m"), ("90m", 5400, "90m"), ("120m", 7200, "2h"), ("36h", 129_600, "36h"), ("3d", 259_200, "3d"),
  ])
  func `is a whole number and a unit, and is told in the largest that fits`(text: String, seconds: Int64, told: String) {
    #expect(TimeSpan(text)?.seconds == seconds)
    #expect(TimeSpan(text)?.text == told)
  }

  @Test(arguments: ["", "5", "m", "0m", "-5m", "1.5h", "5 m", "5M", "100001d", "９h", "99999999999999999999s"])
  func `is nothing else`(text: String) { #expect(TimeSpan(text) == nil) }
}
