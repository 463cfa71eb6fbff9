import Columns

/// How old published results may be, for a monitor: `26h`, `90m`, `3d`.
struct MaxAge {
  let text: String
  let seconds: Int64

  /// - Throws: 64 for anything but a whole number with a unit.
  init(_ text: String) throws(PipelineError) {
    guard let span = TimeSpan(text) else {
      throw PipelineError(
        .usage, "--max-age: expected minutes, hours or days such as 90m, 26h or 3d, found '\(text)'", fix: "write it as in --max-age 26h")
    }
    self.text = text
    seconds = span.seconds
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
    let age = TimeSpan.spoken(now - startedAt)
    throw PipelineError(
      .checkFailed, "the newest results are of a run that began \(UTC.text(startedAt)), \(age) ago; --max-age allows \(text)",
      fix: "look at the runs above for what failed since")
  }
}
