import Columns
import Events

extension Pipeline {
  /// The day that a run stands for.
  /// - Throws: 66 where `latest` finds no transaction; 1 where it lies more than `as_of_jump_days_max` after the last published day, since
  ///   one row dated 2099 must not make every customer a lost one.
  package func resolvedAsOf(newestEventAt: Int64?, lastPublished: Day?) throws(PipelineError) -> Day {
    if case .day(let day) = asOf { return day }
    guard let newestEventAt else {
      throw PipelineError(
        .noInput, "\(state.path): the event store holds no transaction, so there is no latest day",
        fix: "bring dumps with transactions and run: holdfast extract \(file)")
    }
    guard let day = UTC.localDay(newestEventAt, timeZone: store.timeZone) else {
      throw PipelineError(
        .badPipeline, "time_zone: \(store.timeZone) is not known on this machine", fix: "install tzdata, or set time_zone to UTC")
    }
    try checkJump(to: day, "the newest transaction is", lastPublished: lastPublished)
    return day
  }

  /// - Parameter subject: what is of that day, as the beginning of a sentence.
  func checkJump(to day: Day, _ subject: String, lastPublished: Day?) throws(PipelineError) {
    guard let lastPublished, day - lastPublished > asOfJumpDaysMax else { return }
    throw PipelineError(
      .checkFailed,
      "\(subject) of \(day), \(day - lastPublished) days after the last published day \(lastPublished); the limit is \(asOfJumpDaysMax)",
      fix: "look for wrong dates in the newest dumps; if the gap is real, set as_of_jump_days_max in \(file) to "
        + "\(day - lastPublished), or run once with --as-of \(day)")
  }
}
