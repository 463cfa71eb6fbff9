import Glibc

/// The process's standard streams and its place in the world.
package enum Terminal {
  package static let output: Int32 = 1
  package static let errors: Int32 = 2

  package static func isTerminal(_ file: Int32) -> Bool { isatty(file) == 1 }

  /// Writes all of `bytes` to a standard stream.
  package static func write(_ bytes: [UInt8], to file: Int32) throws(SystemFault) {
    var written = 0
    while written < bytes.count {
      let (offset, rest) = (written, bytes.count - written)
      // Safety: `offset + rest` is the array's count.
      let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress! + offset, rest) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw SystemFault(operation: "write to", path: file == output ? "standard output" : "standard error") }
      written += count
    }
  }

  package static func isClosedPipe(_ fault: SystemFault) -> Bool { fault.code == EPIPE }

  package static func environment(_ name: String) -> String? {
    // Safety: the environment is not changed while the process runs; the value is copied at once.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  package static var processID: Int32 { getpid() }

  package static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    // Safety: fills at most the count given; the last byte stays 0.
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
