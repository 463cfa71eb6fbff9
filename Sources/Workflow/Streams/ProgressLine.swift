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

  package func show(_ progress: ExtractProgress) {
    guard isShown else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
      (state.lastDrawn, state.isDrawn) = (now, true)
      Streams.redraw(Self.text(progress, seconds: (now - started) / .seconds(1)))
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
    var text = "extract \(progress.filesDone)/\(progress.filesTotal) dumps "
    text += PageText.bar(share, width: 16) + " " + PageText.atRight(PageText.percent(share), 6)
    guard seconds > 0.5, share > 0.01 else { return text }
    text += "  " + PageText.grouped(Int64(Double(progress.rowsRead) / seconds)) + " rows/s"
    let left = seconds / share * (1 - share)
    return text + (left < 90 ? "  \(Int(left.rounded(.up))) s left" : "  \(Int((left / 60).rounded(.up))) min left")
  }
}
