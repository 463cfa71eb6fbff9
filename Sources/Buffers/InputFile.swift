import Crypto
import Glibc

/// What tells one state of a file from another without opening it.
package struct FileIdentity: Sendable, Hashable {
  package var device: Int64
  package var inode: Int64
  package var byteCount: Int64
  package var modifiedAtNanoseconds: Int64
  package var changedAtNanoseconds: Int64

  package init(device: Int64, inode: Int64, byteCount: Int64, modifiedAtNanoseconds: Int64, changedAtNanoseconds: Int64) {
    self.device = device
    self.inode = inode
    self.byteCount = byteCount
    self.modifiedAtNanoseconds = modifiedAtNanoseconds
    self.changedAtNanoseconds = changedAtNanoseconds
  }

  /// nil where nothing stands under the name. Follows links. Does not open the file.
  package static func of(_ path: String) throws(SystemFault) -> (identity: FileIdentity, isRegular: Bool)? {
    var status = stat()
    // Safety: `status` is ours and outlives the call.
    if unsafe stat(path, &status) != 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw SystemFault(operation: "look at", path: path)
    }
    return (FileIdentity(status), status.st_mode & S_IFMT == S_IFREG)
  }

  init(_ status: stat) {
    device = Int64(truncatingIfNeeded: status.st_dev)
    inode = Int64(truncatingIfNeeded: status.st_ino)
    byteCount = Int64(status.st_size)
    modifiedAtNanoseconds = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    changedAtNanoseconds = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
  }
}

/// A regular file, read from front to back.
package final class InputFile {
  package let path: String
  package let identity: FileIdentity
  private let descriptor: Int32

  /// Refuses all but regular files, without ever blocking on a FIFO.
  package init(path: String) throws(SystemFault) {
    self.path = path
    // Safety: no variadic argument is read without O_CREAT.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw SystemFault(operation: "open", path: path) }
    var status = stat()
    // Safety: `status` is ours and outlives the call.
    let failed = unsafe fstat(descriptor, &status) != 0
    identity = FileIdentity(status)
    if failed { throw SystemFault(operation: "look at", path: path) }
    if status.st_mode & S_IFMT != S_IFREG {
      throw SystemFault(operation: "read as a dump", path: path, code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit { close(descriptor) }

  /// Fills from the front; fewer bytes than asked for only at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemFault) -> Int {
    // Safety: never writes beyond the buffer's count.
    var filled = 0
    while filled < buffer.count {
      let got = unsafe Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
      if got < 0 {
        if errno == EINTR { continue }
        throw SystemFault(operation: "read", path: path)
      }
      if got == 0 { break }
      filled += got
    }
    return filled
  }
}

extension InputFile {
  /// SHA-256 of a whole file, lower-case hexadecimal.
  package static func sha256(of path: String) throws(SystemFault) -> String {
    let file = try InputFile(path: path)
    let buffer = Memory<UInt8>(capacity: 256 << 10)
    var hasher = SHA256()
    while true {
      // Safety: the buffer's own memory.
      let got = try unsafe file.read(into: UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.capacity))
      if got == 0 { return hexadecimal(hasher.finalize()) }
      unsafe hasher.update(bufferPointer: UnsafeRawBufferPointer(start: buffer.base, count: got))
    }
  }
}

/// Two lower-case digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}

/// SHA-256 of bytes, lower-case hexadecimal.
package func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }
