import Buffers
import Synchronization

/// Adds up what the readers of several dumps have done.
final class ProgressMeter: Sendable {
  private struct State {
    var bytes: [Int64]
    var rows: [Int64]
    var done = 0
  }
  private let state: Mutex<State>
  private let sizes: [Int64]
  private let report: (@Sendable (ExtractProgress) -> Void)?

  init(files: [String], report: (@Sendable (ExtractProgress) -> Void)?) {
    sizes = files.map { (try? FileIdentity.of($0)?.identity.byteCount) ?? 0 }
    state = Mutex(State(bytes: sizes.map { _ in 0 }, rows: sizes.map { _ in 0 }))
    self.report = report
  }

  func update(_ file: Int, bytes: Int64, rows: Int64) { change(file, bytes, rows, done: 0) }
  func finish(_ file: Int, rows: Int64) { change(file, sizes[file], rows, done: 1) }

  private func change(_ file: Int, _ bytes: Int64, _ rows: Int64, done: Int) {
    guard let report else { return }
    let progress = state.withLock { state in
      state.bytes[file] = bytes
      state.rows[file] = rows
      state.done += done
      return ExtractProgress(
        filesDone: state.done, filesTotal: sizes.count, bytesDone: state.bytes.reduce(0, +), bytesTotal: sizes.reduce(0, +),
        rowsRead: state.rows.reduce(0, +))
    }
    report(progress)
  }
}
