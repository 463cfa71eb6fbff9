import CShims
import Glibc

/// A file that appears under its name whole or not at all: written beside it, fsynced, renamed.
package final class OutputFile {
  /// May be changed until `publish`.
  package var path: String
  package let temporaryPath: String
  package private(set) var byteCount: Int64 = 0
  private var descriptor: Int32
  private var flushedUpTo: Int64 = 0

  /// `mode` holds whatever the umask says.
  package init(path: String, mode: UInt16 = 0o600) throws(SystemFault) {
    self.path = path
    temporaryPath = path + ".tmp"
    // Safety: variadic only for the mode, which is given.
    descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
    if descriptor < 0 { throw SystemFault(operation: "create", path: temporaryPath) }
    if fchmod(descriptor, mode_t(mode)) != 0 { throw SystemFault(operation: "set the mode of", path: temporaryPath) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      // Safety: the path is a string of ours for the length of the call.
      unsafe unlink(temporaryPath)
    }
  }

  package func write(_ bytes: RawSpan) throws(SystemFault) {
    try unsafe bytes.withUnsafeBytes { (raw) throws(SystemFault) in
      // Safety: the span keeps the bytes alive through the calls.
      var done = 0
      while done < raw.count {
        let wrote = unsafe Glibc.write(descriptor, raw.baseAddress! + done, raw.count - done)
        if wrote < 0 {
          if errno == EINTR { continue }
          throw SystemFault(operation: "write", path: temporaryPath)
        }
        done += wrote
      }
      byteCount += Int64(raw.count)
    }
  }

  package func write(_ bytes: [UInt8]) throws(SystemFault) {
    // Safety: bytes have no padding.
    try unsafe write(bytes.span.bytes)
  }

  /// Lets the disk begin with what was written so far; says nothing about when it is done.
  package func startWriteback() {
    guard byteCount - flushedUpTo > 0 else { return }
    holdfast_start_writeback(descriptor, flushedUpTo, byteCount - flushedUpTo)
    flushedUpTo = byteCount
  }

  /// After this the bytes survive a power cut under the temporary name.
  package func sync() throws(SystemFault) {
    if fsync(descriptor) != 0 { throw SystemFault(operation: "fsync", path: temporaryPath) }
  }

  /// Gives the file its name, and makes the name survive a power cut. The file is synced before.
  package func publish() throws(SystemFault) {
    try sync()
    // Safety: both paths are strings of ours for the length of the call.
    if unsafe rename(temporaryPath, path) != 0 { throw SystemFault(operation: "rename to", path: path) }
    close(descriptor)
    descriptor = -1
    try syncFolder(of: path)
  }
}

/// Makes the names in a file's folder durable.
package func syncFolder(of path: String) throws(SystemFault) {
  let slash = path.lastIndex(of: "/")
  let folder = slash.map { String(path[..<$0]) } ?? "."
  // Safety: no variadic argument is read without O_CREAT.
  let descriptor = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  if descriptor < 0 { throw SystemFault(operation: "open", path: folder) }
  defer { close(descriptor) }
  if fsync(descriptor) != 0 { throw SystemFault(operation: "fsync", path: folder) }
}

/// Makes a folder and all above it; each new one gets `mode` whatever the umask says.
package func makeFolder(_ path: String, mode: UInt16 = 0o700) throws(SystemFault) {
  if let found = try FileIdentity.of(path) {
    if found.isRegular { throw SystemFault(operation: "make folder", path: path, code: ENOTDIR) }
    return
  }
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeFolder(String(path[..<slash]), mode: mode) }
  // Safety: the path is a string of ours for the length of the calls.
  if unsafe mkdir(path, mode_t(mode)) != 0 && errno != EEXIST { throw SystemFault(operation: "make folder", path: path) }
  if unsafe chmod(path, mode_t(mode)) != 0 { throw SystemFault(operation: "set the mode of", path: path) }
}

/// The names in a folder, sorted.
package func folderNames(_ path: String) throws(SystemFault) -> [String] {
  // Safety: the stream is opened, read and closed here; each name is copied before the next call.
  guard let stream = unsafe opendir(path) else { throw SystemFault(operation: "list", path: path) }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
      unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

package func removeFile(_ path: String) throws(SystemFault) {
  // Safety: the path is a string of ours for the length of the call.
  if unsafe unlink(path) != 0, errno != ENOENT { throw SystemFault(operation: "remove", path: path) }
}
