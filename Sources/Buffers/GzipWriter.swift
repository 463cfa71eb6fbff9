import CZlib
import Glibc

/// Writes text to a gzip file of one member, which appears under its name whole or not at all (`OutputFile`).
/// The header holds no name, no time and no system, so that equal text gives equal bytes with one version of zlib.
@safe package final class GzipWriter {
  /// Bytes of text taken so far.
  package private(set) var textByteCount: Int64 = 0
  private let file: OutputFile
  // Safety: all three live from `init` to `deinit`; zlib keeps pointers to the first two until `deflateEnd`.
  private let stream: UnsafeMutablePointer<z_stream>
  private let header: UnsafeMutablePointer<gz_header>
  private let output: UnsafeMutablePointer<UInt8>
  private let outputBytes = 1 << 18

  /// - Parameter level: 1 (fast) … 9 (small).
  package init(path: String, level: Int32 = 6, mode: UInt16 = 0o640) throws(SystemFault) {
    file = try OutputFile(path: path, mode: mode)
    // Safety: a zeroed stream asks for zlib's own allocator, and `deflateEnd` accepts one that never started.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe header = .allocate(capacity: 1)
    unsafe header.initialize(to: gz_header())
    unsafe header.pointee.os = Self.unknownSystem
    unsafe output = .allocate(capacity: outputBytes)
    let status = unsafe deflateInit2_(
      stream, level, Z_DEFLATED, Self.gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw SystemFault(operation: "start compressing", path: path, code: status == Z_MEM_ERROR ? ENOMEM : EINVAL)
    }
    // Safety: the header lives as long as the stream.
    _ = unsafe deflateSetHeader(stream, header)
  }

  deinit {
    // Safety: nobody else holds the pointers.
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
    unsafe header.deallocate()
    unsafe output.deallocate()
  }

  /// Takes all of `text`.
  package func write(_ text: Span<UInt8>) throws(SystemFault) {
    var start = 0
    while start < text.count {
      let end = start + min(text.count - start, 1 << 30)
      try compress(text.extracting(start..<end), flush: Z_NO_FLUSH)
      start = end
    }
    textByteCount += Int64(text.count)
  }

  /// Ends the member, makes the file durable and gives it its name; nothing may be written after. Returns the file's size in bytes.
  package func finish() throws(SystemFault) -> Int64 {
    try compress(Span(), flush: Z_FINISH)
    try file.publish()
    return file.byteCount
  }

  /// 32 KiB of history, and a gzip header instead of zlib's.
  private static let gzipWindow: Int32 = 15 + 16
  /// RFC 1952, field OS.
  private static let unknownSystem: Int32 = 255

  /// Compresses `text`, which is under 4 GiB, and writes what zlib gives back.
  private func compress(_ text: Span<UInt8>, flush: Int32) throws(SystemFault) {
    var consumed = 0
    var produced = 0
    var status = Z_OK
    repeat {
      // Safety: zlib reads the rest of `text` and writes at most `outputBytes` bytes; both stay alive during the call.
      unsafe text.withUnsafeBufferPointer { source in
        unsafe stream.pointee.next_in = source.baseAddress.map { unsafe UnsafeMutablePointer(mutating: $0 + consumed) }
        unsafe stream.pointee.avail_in = UInt32(source.count - consumed)
        unsafe stream.pointee.next_out = output
        unsafe stream.pointee.avail_out = UInt32(outputBytes)
        status = unsafe deflate(stream, flush)
        consumed = unsafe source.count - Int(stream.pointee.avail_in)
      }
      produced = unsafe outputBytes - Int(stream.pointee.avail_out)
      // Z_BUF_ERROR: nothing was left to do, which is no fault.
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        throw SystemFault(operation: "compress", path: file.path, code: EINVAL)
      }
      // Safety: zlib wrote the first `produced` bytes.
      try unsafe file.write(RawSpan(_unsafeStart: output, byteCount: produced))
    } while produced == outputBytes || (flush == Z_FINISH && status != Z_STREAM_END)
  }
}
