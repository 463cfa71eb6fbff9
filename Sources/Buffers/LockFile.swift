import Glibc

/// An exclusive `flock` on a file. The kernel frees it when the process ends, however it ends, so a lock is never stale.
package final class LockFile: Sendable {
  private let file: Int32
  private let path: String

  private init(file: Int32, path: String) {
    self.file = file
    self.path = path
  }

  deinit { close(file) }

  /// Takes the lock without waiting; nil where another process, or another `LockFile` of this one, holds it.
  package static func take(_ path: String) throws(SystemFault) -> LockFile? {
    // Safety: the path is NUL-terminated for the time of the call.
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw SystemFault(operation: "open", path: path) }
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      let fault = SystemFault(operation: "lock", path: path)
      close(file)
      if fault.code == EWOULDBLOCK { return nil }
      throw fault
    }
    return LockFile(file: file, path: path)
  }

  /// What the holder says about himself, for those who find the lock taken.
  package func write(_ text: String) throws(SystemFault) {
    guard ftruncate(file, 0) == 0 else { throw SystemFault(operation: "truncate", path: path) }
    guard lseek(file, 0, SEEK_SET) == 0 else { throw SystemFault(operation: "rewind", path: path) }
    try Terminal.write(Array(text.utf8), to: file)
  }
}
