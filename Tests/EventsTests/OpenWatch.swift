import Glibc

/// Counts how often a file is opened (inotify).
final class OpenWatch {
  private let descriptor: Int32

  struct Failed: Error {}

  init(_ path: String) throws {
    descriptor = inotify_init1(Int32(O_NONBLOCK))
    // Safety: the path is a string of ours for the length of the call.
    guard descriptor >= 0, unsafe inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0 else { throw Failed() }
  }

  deinit { close(descriptor) }

  /// Since the last time this was asked.
  var opens: Int {
    var buffer = [UInt8](repeating: 0, count: 4096)
    // Safety: reads at most the buffer's bytes. An event of a watched file has no name: 16 bytes.
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    return max(0, count) / 16
  }
}
