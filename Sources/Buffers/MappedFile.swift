import Glibc

/// A file of ours, mapped for reading. Only files that nobody truncates may be mapped: a dump never is.
@safe package final class MappedFile: @unchecked Sendable {
  package let path: String
  package let byteCount: Int
  // Safety: mapped here, read-only, unmapped in deinit; spans borrow `self`.
  private let base: UnsafeRawPointer?

  package init(path: String) throws(SystemFault) {
    self.path = path
    // Safety: no variadic argument is read without O_CREAT.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw SystemFault(operation: "open", path: path) }
    defer { close(descriptor) }
    var status = stat()
    // Safety: `status` is ours and outlives the call.
    if unsafe fstat(descriptor, &status) != 0 { throw SystemFault(operation: "look at", path: path) }
    byteCount = Int(status.st_size)
    if byteCount == 0 {
      unsafe base = nil
      return
    }
    // Safety: a fresh mapping of the whole file; MAP_FAILED is checked.
    let address = unsafe mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
    if unsafe address == MAP_FAILED { throw SystemFault(operation: "map", path: path) }
    unsafe base = UnsafeRawPointer(address)
  }

  deinit {
    if let base = unsafe base { unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount) }
  }

  /// The bytes from `offset`; nil where they do not all lie inside the file.
  package func withBytes<R, E: Error>(_ offset: Int, _ count: Int, _ body: (RawSpan) throws(E) -> R) throws(E) -> R? {
    guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else { return nil }
    // Safety: the range was checked against the mapping, which lives as long as `self`.
    let bytes = unsafe UnsafeRawBufferPointer(start: base.map { unsafe $0 + offset }, count: count)
    return try body(unsafe bytes.bytes)
  }
}
