/// Which values of a JSON object carry which field, and how often keys stood there that no field asks for.
@safe package final class JSONPaths {
  /// One object level: the keys that lead somewhere.
  struct Node {
    var keys: [(name: [UInt8], node: Int)] = []
    /// The field whose value stands here; −1: none.
    var field = -1
  }
  package struct Unmapped: Sendable, Hashable {
    /// Dotted, as a path is written.
    package var path: String
    package var rows: Int64
  }
  let nodes: [Node]
  /// Fields with the path of an earlier one.
  let aliases: [(field: Int, original: Int)]
  private let names: [String]
  /// By node, the last row (counted through the dump) in which it was met; the last element is the row that is read now.
  private let rows: Memory<Int64>
  private var unmapped: [(node: Int, key: [UInt8], rows: Int64)] = []
  /// Keys mostly come in one order: the next one is looked for here first.
  private var guess = 0
  /// Names kept; rows with further ones are counted together.
  package static let unmappedMax = 64
  private var unmappedOthers: Int64 = 0

  /// - Parameter paths: for each field its path, keys joined by "."; a "." within a key stands behind a backslash. nil: a constant.
  package init(_ paths: [String?]) {
    var nodes = [Node()], names = [""], aliases: [(field: Int, original: Int)] = []
    for (field, path) in paths.enumerated() {
      guard let path else { continue }
      var node = 0
      for key in Self.keys(path) {
        let bytes = Array(key.utf8)
        if let next = nodes[node].keys.first(where: { $0.name == bytes })?.node {
          node = next
        } else {
          names.append(names[node].isEmpty ? key : names[node] + "." + key)
          nodes.append(Node())
          nodes[node].keys.append((bytes, nodes.count - 1))
          node = nodes.count - 1
        }
      }
      if nodes[node].field >= 0 { aliases.append((field, nodes[node].field)) } else { nodes[node].field = field }
    }
    (self.nodes, self.names, self.aliases) = (nodes, names, aliases)
    rows = Memory(capacity: nodes.count + 1)
    rows.fill(-1)
  }

  func startRow() { rows[nodes.count] += 1 }

  /// Whether the row that is read now was at this node before.
  func isRepeated(_ node: Int) -> Bool {
    let row = rows[nodes.count]
    defer { rows[node] = row }
    return rows[node] == row
  }

  package static func keys(_ path: String) -> [String] {
    var keys = [""], isEscaped = false
    for character in path.unicodeScalars {
      if character == "\\" && !isEscaped {
        isEscaped = true
      } else if character == "." && !isEscaped {
        keys.append("")
      } else {
        keys[keys.count - 1].unicodeScalars.append(character)
        isEscaped = false
      }
    }
    return keys
  }

  /// The keys without a field, by path.
  package var unmappedKeys: [Unmapped] {
    var list = unmapped.map { entry in
      let key = String(decoding: entry.key, as: UTF8.self)
      return Unmapped(path: entry.node == 0 ? key : names[entry.node] + "." + key, rows: entry.rows)
    }.sorted { $0.path < $1.path }
    if unmappedOthers > 0 { list.append(Unmapped(path: "…", rows: unmappedOthers)) }
    return list
  }

  /// The node behind a key; −1 and counted where nothing asks for it.
  @safe func step(_ node: Int, _ key: UnsafeBufferPointer<UInt8>) -> Int {
    // Safety: as many bytes are compared as both have.
    let keys = nodes[node].keys
    for i in keys.indices where unsafe Self.equal(keys[i].name, key) { return keys[i].node }
    unsafe count(node, key)
    return -1
  }

  private static func equal(_ name: [UInt8], _ key: UnsafeBufferPointer<UInt8>) -> Bool {
    guard name.count == key.count else { return false }
    for i in name.indices where unsafe name[i] != key[i] { return false }
    return true
  }

  private func count(_ node: Int, _ key: UnsafeBufferPointer<UInt8>) {
    for step in unmapped.indices {
      let i = (guess + step) % unmapped.count
      if unmapped[i].node == node, unsafe Self.equal(unmapped[i].key, key) {
        unmapped[i].rows += 1
        guess = (i + 1) % unmapped.count
        return
      }
    }
    if unmapped.count < Self.unmappedMax {
      unsafe unmapped.append((node, Array(key.prefix(256)), 1))
    } else {
      unmappedOthers += 1
    }
  }
}

/// What is wrong with a text that is no JSON, and at which byte of it, from 0.
package struct JSONProblem: Sendable, Hashable {
  package var offset: Int
  /// What was expected there.
  package var expected: String

  package init(offset: Int, expected: String) {
    self.offset = offset
    self.expected = expected
  }
}
