import CShims

/// Lets this process keep the memory that it frees for what it allocates next. By default large arrays are mapped one by one and given back,
/// and every page of the next stage's columns is fetched and zeroed anew: a tenth of a nightly run. Arrays above 32 MiB, the allocator's
/// limit, are still given back.
package func keepFreedMemory() { holdfast_keep_freed_memory(32 << 20) }

/// Memory for `capacity` elements, 64-byte aligned, not initialised: the owner writes before it reads.
/// Pages are touched only when written, so a generous capacity costs nothing.
@safe package struct Memory<Element: BitwiseCopyable>: ~Copyable {
  // Safety: allocated here, freed in deinit, never handed out beyond the life of the owner.
  let base: UnsafeMutablePointer<Element>
  package let capacity: Int

  package init(capacity: Int) {
    self.capacity = capacity
    let bytes = max(1, capacity) * MemoryLayout<Element>.stride
    unsafe base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(to: Element.self, capacity: max(1, capacity))
  }

  deinit { unsafe base.deallocate() }

  package func fill(_ value: Element) {
    // Safety: the whole capacity.
    for i in 0..<capacity { unsafe base[i] = value }
  }

  /// Elements must have been written before they are read.
  package subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < capacity)
      // Safety: the index was checked.
      return unsafe base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < capacity)
      // Safety: the index was checked.
      unsafe base[index] = newValue
    }
  }
}

/// A run of elements that grows by doubling; the elements are plain bytes.
@safe struct GrowingMemory<Element: BitwiseCopyable> {
  // Safety: owned by the class that holds this value; freed by `free()` in its deinit.
  private(set) var base: UnsafeMutablePointer<Element>? = nil
  private(set) var capacity = 0
  var count = 0
  /// The first allocation is at least this large: pages that are never written cost nothing, moving what was written does.
  let expected: Int

  init(expected: Int) { self.expected = expected }

  /// Room for `wanted` elements beyond `count`.
  @inline(__always)
  mutating func reserve(_ wanted: Int) {
    if count + wanted > capacity { grow(to: count + wanted) }
  }

  private mutating func grow(to wanted: Int) {
    let larger = max(wanted, capacity * 2, expected, 256)
    let fresh = unsafe UnsafeMutableRawPointer.allocate(byteCount: larger * MemoryLayout<Element>.stride, alignment: 64)
      .bindMemory(to: Element.self, capacity: larger)
    if let old = unsafe base {
      unsafe fresh.update(from: old, count: count)
      unsafe old.deallocate()
    }
    unsafe base = fresh
    capacity = larger
  }

  mutating func free() {
    if let old = unsafe base { unsafe old.deallocate() }
    unsafe base = nil
    capacity = 0
    count = 0
  }
}
