import Buffers
import Columns
import Glibc

/// Who works in a state folder: one at a time. Freed by the kernel when the process ends, so it is never stale.
package final class RunLock: Sendable {
  private let file: LockFile

  private init(_ file: LockFile) { self.file = file }

  /// Who only looks, as `status` does, holds the lock for milliseconds: such a one is waited for, since no night may fail for a glance.
  private static let patience = Duration.seconds(1)

  /// - Parameter holder: what others read about this run while it goes on; nil leaves the file as it is.
  /// - Throws: 75 naming the holder; 74 where the file cannot be made.
  package static func take(_ state: StateFolder, holder: RunHolder?) throws(PipelineError) -> RunLock {
    do {
      let began = ContinuousClock.now
      repeat {
        if let file = try LockFile.take(state.lock) {
          if let holder { try file.write(holder.text) }
          return RunLock(file)
        }
        if holder != nil { usleep(10_000) }
      } while holder != nil && ContinuousClock.now - began < patience
    } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "make the state folder writable for this user")
    }
    throw PipelineError(
      .locked, "another run works in \(state.path): \(RunHolder.current(state) ?? "it does not say who it is")",
      fix: "wait until it is done, or end it; the lock frees itself")
  }
}

/// What stands in the lock file.
package struct RunHolder: Sendable {
  package var runID: String
  package var startedAt: Int64

  package init(runID: String, startedAt: Int64) {
    self.runID = runID
    self.startedAt = startedAt
  }

  var text: String { "pid \(Terminal.processID) on \(Terminal.hostName), run \(runID), since \(UTC.text(startedAt))\n" }

  /// The last holder's line; printable, since anyone with access may have written it.
  static func current(_ state: StateFolder) -> String? {
    guard let bytes = try? SmallFile.read(state.lock, bytesMax: 1024), !bytes.isEmpty else { return nil }
    return String(decoding: bytes, as: UTF8.self).filter { $0.isASCII && !$0.isNewline && $0 >= " " }
  }
}
