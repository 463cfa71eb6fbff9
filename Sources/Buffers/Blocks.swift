/// Whole numbers in as few bytes as the block's range needs: value = base + stored, width 0, 1, 2, 4 or 8 bytes. In a block with NULLs
/// the stored 0 is NULL and value = base + stored − 1.
package struct PackedIntegers: Sendable {
  package var base: Int64
  package var width: Int
  package var hasNulls: Bool
  package var count: Int
  package var bytes: [UInt8]

  /// NULL among the values of a column.
  package static let null = Int64.min

  package init(_ values: Span<Int64>) { self.init(packing: values) }
  package init(_ values: Span<UInt32>) { self.init(packing: values) }
  package init(_ values: Span<UInt16>) { self.init(packing: values) }

  @inline(__always)
  private init<T: FixedWidthInteger & BitwiseCopyable>(packing values: Span<T>) {
    count = values.count
    // Without a branch: with the sign bit turned, NULL is 0, and 0 − 1 is greater than all.
    var lowest = UInt64.max, high = Int64.min, anyNull = false
    for i in values.indices {
      let value = Int64(truncatingIfNeeded: values[i])
      lowest = min(lowest, (UInt64(bitPattern: value) ^ (1 << 63)) &- 1)
      high = max(high, value)
      anyNull = anyNull || value == Self.null
    }
    let low = Int64(bitPattern: (lowest &+ 1) ^ (1 << 63))
    hasNulls = anyNull
    if high == Self.null {
      // All NULL, or empty: stored 0 everywhere.
      (base, width, bytes) = (0, 0, [])
      return
    }
    base = low
    let range = UInt64(bitPattern: high &- low) &+ (hasNulls ? 1 : 0)
    // A range that fills 64 bits wraps round to 0 only when high − low = 2⁶⁴ − 1, which the reserved NULL excludes.
    width = range == 0 ? 0 : range < 1 << 8 ? 1 : range < 1 << 16 ? 2 : range < 1 << 32 ? 4 : 8
    bytes = []
    let shift: UInt64 = hasNulls ? 1 : 0
    switch width {
    case 1: bytes = Self.pack(values, base, shift, hasNulls, UInt8.self)
    case 2: bytes = Self.pack(values, base, shift, hasNulls, UInt16.self)
    case 4: bytes = Self.pack(values, base, shift, hasNulls, UInt32.self)
    case 8: bytes = Self.pack(values, base, shift, hasNulls, UInt64.self)
    default: break
    }
  }

  @inline(__always)
  private static func pack<V: FixedWidthInteger & BitwiseCopyable, T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ values: Span<V>, _ base: Int64, _ shift: UInt64, _ hasNulls: Bool, _ type: T.Type
  ) -> [UInt8] {
    let size = MemoryLayout<T>.size
    // Here and below: the initialiser would write the count of an empty array into storage that all empty arrays of all threads share.
    if values.isEmpty { return [] }
    // Safety: every one of the count · size bytes is written; both buffers have `count` elements.
    return unsafe [UInt8](unsafeUninitializedCapacity: values.count * size) { buffer, initialized in
      initialized = values.count * size
      let out = UnsafeMutableRawPointer(buffer.baseAddress!)
      unsafe values.withUnsafeBufferPointer { source in
        for i in 0..<source.count {
          let value = unsafe Int64(truncatingIfNeeded: source[i])
          let stored = hasNulls && value == null ? 0 : UInt64(bitPattern: value &- base) &+ shift
          unsafe out.storeBytes(of: T(truncatingIfNeeded: stored).littleEndian, toByteOffset: i * size, as: T.self)
        }
      }
    }
  }
}

/// Reads what `PackedIntegers` packed, into columns of the caller's width.
@specialized(where T == UInt8)
@specialized(where T == UInt16)
@specialized(where T == UInt32)
@specialized(where T == Int64)
package func unpackIntegers<T: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: RawSpan, base: Int64, width: Int, hasNulls: Bool, count: Int, as type: T.Type
) -> [T]? {
  guard count >= 0, [0, 1, 2, 4, 8].contains(width), bytes.byteCount == count * width else { return nil }
  if width == 0 { return [T](repeating: T(truncatingIfNeeded: hasNulls ? PackedIntegers.null : base), count: count) }
  if count == 0 { return [] }
  // Safety: count · width bytes are there, and `count` elements are written.
  return unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = count
    unsafe bytes.withUnsafeBytes { source in
      let out = buffer.baseAddress!, start = source.baseAddress!
      switch width {
      case 1: unsafe widen(start, out, count, base, hasNulls, UInt8.self)
      case 2: unsafe widen(start, out, count, base, hasNulls, UInt16.self)
      case 4: unsafe widen(start, out, count, base, hasNulls, UInt32.self)
      default: unsafe widen(start, out, count, base, hasNulls, UInt64.self)
      }
    }
  }
}

/// One value, packed as above; nil where its bytes are not of that width.
package func unpackInteger(_ bytes: RawSpan, base: Int64, width: Int, hasNulls: Bool) -> Int64? {
  guard bytes.byteCount == width, width <= 8 else { return nil }
  var stored: UInt64 = 0
  // Safety: the index lies within the span.
  for i in 0..<width { stored |= unsafe UInt64(bytes.unsafeLoad(fromByteOffset: i, as: UInt8.self)) &<< UInt64(8 * i) }
  if hasNulls { return stored == 0 ? PackedIntegers.null : base &+ Int64(bitPattern: stored &- 1) }
  return base &+ Int64(bitPattern: stored)
}

@inline(__always)
private func widen<S: FixedWidthInteger & UnsignedInteger & BitwiseCopyable, T: FixedWidthInteger & BitwiseCopyable>(
  _ source: UnsafeRawPointer, _ out: UnsafeMutablePointer<T>, _ count: Int, _ base: Int64, _ hasNulls: Bool, _ type: S.Type
) {
  // Safety: `count` elements on both sides. NULLs are handled by a loop of their own, so that the plain one is vectorised.
  let size = MemoryLayout<S>.size
  if hasNulls {
    for i in 0..<count {
      let stored = unsafe UInt64(S(littleEndian: source.loadUnaligned(fromByteOffset: i * size, as: S.self)))
      let value = stored == 0 ? PackedIntegers.null : base &+ Int64(bitPattern: stored &- 1)
      unsafe out[i] = T(truncatingIfNeeded: value)
    }
  } else {
    for i in 0..<count {
      let stored = unsafe S(littleEndian: source.loadUnaligned(fromByteOffset: i * size, as: S.self))
      unsafe out[i] = T(truncatingIfNeeded: base &+ Int64(truncatingIfNeeded: stored))
    }
  }
}

/// The bytes of an array of plain values, as they lie in memory (little-endian machines only, as the formats state).
package func rawBytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
  // Safety: plain values without padding: the callers use integers, doubles and Bool.
  unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
}

/// Plain values from bytes that `rawBytes` made; nil where the length does not fit.
package func values<T: BitwiseCopyable>(_ bytes: RawSpan, count: Int, as type: T.Type) -> [T]? {
  let size = MemoryLayout<T>.stride
  guard count >= 0, bytes.byteCount / size == count, bytes.byteCount % size == 0 else { return nil }
  if count == 0 { return [] }
  // Safety: exactly count · size bytes are copied, and every bit pattern of the callers' types is a value (Bool is checked by them).
  return unsafe [T](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = count
    unsafe bytes.withUnsafeBytes { source in
      unsafe UnsafeMutableRawPointer(buffer.baseAddress!).copyMemory(from: source.baseAddress!, byteCount: count * size)
    }
  }
}
