import CShims
import Dispatch
import Glibc

/// Lets the disk write a growing file while SQLite is still filling it, so that the fsync at the end finds little left to do. A hint: what
/// is durable is decided by fsync alone.
package final class EarlyWriteback: Sendable {
  private let path: String
  private let stopped = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  /// `path` must not be a database that SQLite holds locks on in this process (a log or a temporary file may be): closing a descriptor
  /// drops them.
  package init(path: String) {
    self.path = path
    DispatchQueue.global(qos: .utility).async { self.run() }
  }

  /// Returns when the helper has let go of the file. It must have where the file is a database, which may be opened next.
  package func stop() {
    leave()
    done.wait()
  }

  /// Returns at once. A log that is removed by then gives its pages back while the helper lets go of it.
  package func leave() { stopped.signal() }

  private func run() {
    defer { done.signal() }
    // Safety: variadic only under O_CREAT; the path is a string of ours for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return }
    defer { close(descriptor) }
    var started: Int64 = 0
    while stopped.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
      let size = Int64(lseek(descriptor, 0, SEEK_END))
      // A log that is used again does not grow at first: then there is nothing to see, and fsync does the work.
      if size - started >= 4 << 20 {
        holdfast_start_writeback(descriptor, started, size - started)
        started = size
      }
    }
  }
}
