#if ISAL
  import CISAL
#endif
import CZlib

/// Raw deflate (RFC 1951) to text, a piece at a time. ISA-L does the work where the package has its trait, else zlib: both behave alike.
@safe final class Inflater {
  enum Failure: Error { case corrupt(String) }
  /// What one call used and made.
  struct Step {
    var consumed: Int
    var produced: Int
    var isFinished: Bool
  }

  #if ISAL
    // Safety: allocated once, freed in deinit, touched by this class alone.
    private let state: UnsafeMutablePointer<inflate_state>
    /// Bytes that the decoder, which reads whole words ahead, swallowed behind the end of the stream, oldest first.
    private(set) var readAhead: [UInt8] = []

    init() {
      // Safety: isal_inflate_init writes every field that the decoder reads before it writes.
      unsafe state = .allocate(capacity: 1)
      unsafe isal_inflate_init(state)
    }

    deinit { unsafe state.deallocate() }

    func reset() {
      unsafe isal_inflate_reset(state)
      unsafe state.pointee.crc_flag = UInt32(ISAL_DEFLATE)
      readAhead = []
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(Failure) -> Step {
      // Safety: the decoder stays within avail_in and avail_out, which are the buffers' own counts (below 4 GiB by the callers' sizes).
      let taken = min(input.count, 1 << 30), room = min(output.count, 1 << 30)
      unsafe state.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_in = UInt32(taken)
      unsafe state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_out = UInt32(room)
      let code = unsafe isal_inflate(state)
      let step = unsafe Step(
        consumed: taken - Int(state.pointee.avail_in), produced: room - Int(state.pointee.avail_out),
        isFinished: state.pointee.block_state == ISAL_BLOCK_FINISH)
      switch code {
      case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW: break
      case ISAL_INVALID_SYMBOL: throw .corrupt("invalid code in a deflate block")
      case ISAL_INVALID_LOOKBACK: throw .corrupt("a deflate distance reaches before the start")
      default: throw .corrupt("invalid deflate block")
      }
      if step.isFinished { takeReadAhead() }
      return step
    }

    private func takeReadAhead() {
      // Safety: plain fields of the state; at most 64 bits are held.
      var bits = unsafe Int(state.pointee.read_in_length)
      var word = unsafe state.pointee.read_in
      guard bits > 0 else { return }
      word >>= UInt64(bits % 8)
      bits -= bits % 8
      while bits > 0 {
        readAhead.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
        bits -= 8
      }
    }

    /// CRC-32 (RFC 1952) of more bytes.
    static func crc32(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
      guard let base = bytes.baseAddress else { return crc }
      // Safety: reads exactly the buffer.
      return unsafe crc32_gzip_refl(crc, UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self)), UInt64(bytes.count))
    }
  #else
    // Safety: allocated once, ended and freed in deinit, touched by this class alone.
    private let stream: UnsafeMutablePointer<z_stream>
    let readAhead: [UInt8] = []

    init() {
      unsafe stream = .allocate(capacity: 1)
      unsafe stream.initialize(to: z_stream())
      let code = unsafe inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      precondition(code == Z_OK, "zlib: inflateInit2 failed: out of memory or another version than the header's")
    }

    deinit {
      unsafe inflateEnd(stream)
      unsafe stream.deallocate()
    }

    func reset() { unsafe inflateReset(stream) }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(Failure) -> Step {
      // Safety: the decoder stays within avail_in and avail_out, which are the buffers' own counts (below 4 GiB by the callers' sizes).
      let taken = min(input.count, 1 << 30), room = min(output.count, 1 << 30)
      unsafe stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_in = UInt32(taken)
      unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_out = UInt32(room)
      let code = unsafe inflate(stream, Z_NO_FLUSH)
      guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
        throw .corrupt("invalid deflate block")
      }
      return unsafe Step(
        consumed: taken - Int(stream.pointee.avail_in), produced: room - Int(stream.pointee.avail_out), isFinished: code == Z_STREAM_END)
    }

    static func crc32(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
      guard let base = bytes.baseAddress else { return crc }
      // Safety: reads exactly the buffer.
      return unsafe UInt32(truncatingIfNeeded: crc32_z(UInt(crc), base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
  #endif

  /// CRC-32 of two texts in a row.
  static func combine(_ first: UInt32, _ second: UInt32, secondCount: Int64) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), Int(secondCount)))
  }
}
