import Events
import Synchronization

/// One line on the terminal that redraws itself while dumps are read; nothing where nobody watches.
package final class ProgressLine: Sendable {
  private struct State {
    var lastDrawn: ContinuousClock.Instant?
    var isDrawn = false
  }
  private let isShown: Bool
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  package init(isQuiet: Bool) { isShown = !isQuiet && Streams.isLively }

  package func show(_ progress: ExtractProgress) { show { Self.text(progress, seconds: $0) } }

  package func show(_ verb: String, rows: Int64, of total: Int64) { show { Self.text(verb, rows: rows, of: total, seconds: $0) } }

  private func show(_ text: (Double) -> String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
      (state.lastDrawn, state.isDrawn) = (now, true)
      Streams.redraw(text((now - started) / .seconds(1)))
    }
  }

  package func clear() {
    state.withLock { state in
      if state.isDrawn { Streams.redraw("") }
      state.isDrawn = false
    }
  }

  /// At most 79 columns: dumps, share, rate of rows and time left, once there is enough to judge it by.
  package static func text(_ progress: ExtractProgress, seconds: Double) -> String {
    let share = progress.bytesTotal > 0 ? min(1, Double(progress.bytesDone) / Double(progress.bytesTotal)) : 0
    let head = "extract \(progress.filesDone)/\(progress.filesTotal) dumps "
    return text(head, share: share, rows: progress.rowsRead, seconds: seconds)
  }

  static func text(_ verb: String, rows: Int64, of total: Int64, seconds: Double) -> String {
    let share = total > 0 ? min(1, Double(rows) / Double(total)) : 0
    return text("\(verb) \(PageText.grouped(total)) rows ", share: share, rows: rows, seconds: seconds)
  }

  private static func text(_ head: String, share: Double, rows: Int64, seconds: Double) -> String {
    var text = head + PageText.bar(share, width: 16) + " " + PageText.atRight(PageText.percent(share), 6)
    guard seconds > 0.5, share > 0.01 else { return text }
    text += "  " + PageText.grouped(Int64(Double(rows) / seconds)) + " rows/s"
    let left = seconds / share * (1 - share)
    return text + (left < 90 ? "  \(Int(left.rounded(.up))) s left" : "  \(Int((left / 60).rounded(.up))) min left")
  }
}
