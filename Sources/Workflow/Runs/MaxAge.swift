import Columns

/// How old published results may be, for a monitor: `26h`, `90m`, `3d`.
struct MaxAge {
  let text: String
  let seconds: Int64

  /// - Throws: 64 for anything but a whole number with a unit.
  init(_ text: String) throws(PipelineError) {
    let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400]
    let digits = text.dropLast()
    guard let unit = text.last.flatMap({ units[$0] }), digits.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int64(digits),
      (1...100_000).contains(count)
    else {
      throw PipelineError(
        .usage, "--max-age: expected minutes, hours or days such as 90m, 26h or 3d, found '\(text)'", fix: "write it as in --max-age 26h")
    }
    self.text = text
    seconds = count * unit
  }

  /// - Throws: 1 where the newest published results are older, or there are none.
  func check(_ published: LastPublished?, now: Int64) throws(PipelineError) {
    guard let published else {
      throw PipelineError(.checkFailed, "nothing is published yet; --max-age allows \(text)", fix: "look at the runs above, then run again")
    }
    guard let startedAt = UTC.seconds(compact: published.runId.prefix(16)) else {
      throw PipelineError(
        .badInput, "the note of what was published names the run '\(published.runId)', expected a time such as 20260131T220402Z-3f9a1c07",
        fix: "publish again: the note is then written anew")
    }
    guard now - startedAt > seconds else { return }
    let minutes = (now - startedAt) / 60, age = minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h"
    throw PipelineError(
      .checkFailed, "the newest results are of a run that began \(UTC.text(startedAt)), \(age) ago; --max-age allows \(text)",
      fix: "look at the runs above for what failed since")
  }
}
