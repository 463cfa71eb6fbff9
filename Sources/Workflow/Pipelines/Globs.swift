import Buffers
import Columns
import Foundation

/// Patterns of files: `*` and `?` match within one part of a path, `[a-c]` and `[!a-c]` one character of a set. Hidden files match only
/// where the pattern's part begins with a dot.
package enum Globs {
  /// The files behind patterns that can be opened from the current folder: each once, patterns in the order given, matches in byte order.
  /// - Throws: 66 naming the pattern that matches nothing; 65 naming what is no regular file. Nothing is opened, so nothing blocks.
  package static func expand(_ patterns: [String]) throws(PipelineError) -> [String] {
    var paths: [String] = []
    var seen: Set<String> = []
    for pattern in patterns {
      let matches = matches(of: pattern)
      guard !matches.isEmpty else {
        throw PipelineError(
          .noInput, "no file matches \(pattern)", fix: "check the pattern in feeds.transactions.dumps, or bring the dumps there")
      }
      for path in matches where seen.insert(path).inserted {
        try check(path)
        paths.append(path)
      }
    }
    return paths
  }

  private static func check(_ path: String) throws(PipelineError) {
    let found =
      switch PathKind(of: path) {
      case .file: ""
      case .folder: "a folder"
      case .fifo: "a FIFO"
      case .device: "a device"
      case .socket: "a socket"
      case .danglingLink: "a link to nothing"
      case .missing: "nothing (it was there a moment ago)"
      case .unknown: "something that cannot be examined"
      }
    if found.isEmpty { return }
    throw PipelineError(
      .badInput, "\(path): expected a file, found \(found)", fix: "narrow the pattern, such as to dumps/*.csv.gz, or remove it")
  }

  private static func matches(of pattern: String) -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }) else { return PathKind(of: pattern) == .missing ? [] : [pattern] }
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    let parts = pattern.split(separator: "/")
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      if part.contains(where: { "*?[".contains($0) }) {
        found = found.flatMap { folder in entries(folder, matching: part).map { folder + $0 } }
      } else {
        found = found.map { $0 + part }.filter { PathKind(of: $0) != .missing }
      }
      if !isLast { found = found.filter { PathKind(of: $0) == .folder }.map { $0 + "/" } }
    }
    return found.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  private static func entries(_ folder: String, matching pattern: Substring) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { matches($0, pattern) && (!$0.hasPrefix(".") || pattern.hasPrefix(".")) }
  }

  /// Whether a name matches a pattern without slashes. Linear in practice: only the last `*` is ever tried again.
  package static func matches(_ name: some StringProtocol, _ pattern: some StringProtocol) -> Bool {
    let (name, pattern) = (Array(name.unicodeScalars), Array(pattern.unicodeScalars))
    var (n, p) = (0, 0)
    var retry: (n: Int, p: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        retry = (n, p)
        p += 1
      } else if p < pattern.count, let next = step(name[n], pattern, p) {
        (n, p) = (n + 1, next)
      } else if let (lastN, lastP) = retry {
        retry = (lastN + 1, lastP)
        (n, p) = (lastN + 1, lastP + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }

  /// The pattern's position behind the element that matches `character`; nil where it does not match.
  private static func step(_ character: Unicode.Scalar, _ pattern: [Unicode.Scalar], _ p: Int) -> Int? {
    if pattern[p] == "?" { return p + 1 }
    guard pattern[p] == "[", let close = pattern[(p + 1)...].dropFirst().firstIndex(of: "]") else {
      return pattern[p] == character ? p + 1 : nil
    }
    var set = pattern[(p + 1)..<close]
    let isNegated = set.first == "!" || set.first == "^"
    if isNegated { set = set.dropFirst() }
    var isMember = false
    while let low = set.first {
      if set.count >= 3, set[set.startIndex + 1] == "-" {
        isMember = isMember || (low <= character && character <= set[set.startIndex + 2])
        set = set.dropFirst(3)
      } else {
        isMember = isMember || low == character
        set = set.dropFirst()
      }
    }
    return isMember != isNegated ? close + 1 : nil
  }
}
