import Glibc

/// Files that fit into memory many times over: pipeline files, run results, locks.
package enum SmallFile {
  /// Reads a whole file; nil where it is longer than `bytesMax`. A FIFO does not block: it is opened without waiting for a writer.
  package static func read(_ path: String, bytesMax: Int) throws(SystemFault) -> [UInt8]? {
    // Safety: the path is NUL-terminated for the time of the call.
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw SystemFault(operation: "open", path: path) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
    var filled = 0
    while filled < bytes.count {
      let (offset, room) = (filled, bytes.count - filled)
      // Safety: reads at most `room` bytes behind `offset`, both inside the array.
      let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress! + offset, room) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw SystemFault(operation: "read", path: path) }
      if count == 0 { break }
      filled += count
    }
    return filled > bytesMax ? nil : Array(bytes.prefix(filled))
  }

  /// Puts `bytes` at `path` so that readers see the old file or the new one, and the new one survives a crash.
  package static func replace(_ path: String, with bytes: [UInt8], mode: UInt16 = 0o600) throws(SystemFault) {
    let file = try OutputFile(path: path, mode: mode)
    try file.write(bytes)
    try file.publish()
  }
}
