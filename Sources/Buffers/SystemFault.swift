import Glibc

/// A system call that failed.
package struct SystemFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was tried, as a verb: `open`, `write`, `fsync`.
  package var operation: String
  package var path: String
  /// `errno`.
  package var code: Int32

  package init(operation: String, path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  package var description: String { "cannot \(operation) \(path): \(Self.text(of: code))" }

  /// The system's words for an `errno`.
  package static func text(of code: Int32) -> String {
    // Safety: strerror answers a string of the C library that stays valid until this thread's next call; it is copied at once.
    unsafe String(cString: strerror(code))
  }
}
