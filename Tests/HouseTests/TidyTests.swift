import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// Swift files under a folder of the package: their paths and lines.
private func files(_ folder: String) -> [(path: String, lines: [Substring])] {
  let paths = (FileManager.default.enumerator(atPath: root + "/" + folder)?.compactMap { $0 as? String } ?? []).filter {
    $0.hasSuffix(".swift")
  }
  return paths.sorted().map { path in
    let text = (try? String(contentsOfFile: "\(root)/\(folder)/\(path)", encoding: .utf8)) ?? ""
    return (folder + "/" + path, text.split(separator: "\n", omittingEmptySubsequences: false))
  }
}

/// A line without its comment and without what stands in quotes, roughly.
private func code(_ line: Substring) -> String {
  let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
  let outside = stride(from: 0, to: parts.count, by: 2).map { String(parts[$0]) }.joined(separator: "\"\"")
  return outside.components(separatedBy: "//")[0]
}

private func holds(_ code: String, word: String) -> Bool {
  code.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@") }.contains { $0 == word || $0 == "@" + word }
}

/// Where unsafe code may stand: the room made for it, the bridge that SQLite reads columns through, and C calls of SQLite and XGBoost.
private let unsafeRooms = ["Sources/Buffers/", "Sources/Warehouse/ColumnBridge", "Sources/Databases/", "Sources/Boosters/"]

@Test func `unsafe code stands in Buffers, the column bridge and the calls of SQLite and XGBoost only`() {
  let found = files("Sources").filter { file in !unsafeRooms.contains { file.path.hasPrefix($0) } }
  #expect(!found.isEmpty)
  for file in found {
    for (index, line) in file.lines.enumerated() where holds(code(line), word: "unsafe") {
      Issue.record("\(file.path):\(index + 1): unsafe outside of its rooms")
    }
  }
}

@Test func `C libraries are imported in Buffers, Databases, Boosters and the column bridge only`() {
  for file in files("Sources") where !unsafeRooms.contains(where: { file.path.hasPrefix($0) }) {
    for (index, line) in file.lines.enumerated() {
      let words = code(line).split(separator: " ")
      guard let position = words.firstIndex(of: "import"), words.indices.contains(position + 1) else { continue }
      let cLibraries = ["CISAL", "CXGBoost", "CZlib", "CShims", "GRDBSQLite", "SQLite3", "Darwin", "Musl"]
      if cLibraries.contains(String(words[position + 1])) { Issue.record("\(file.path):\(index + 1): \(line)") }
    }
  }
}

@Test func `a file with unsafe code gives its reasons`() {
  for file in files("Sources") where file.lines.contains(where: { holds(code($0), word: "unsafe") && !$0.contains("@unsafe") }) {
    if !file.lines.contains(where: { $0.contains("Safety:") }) { Issue.record("\(file.path): unsafe without a Safety: comment") }
  }
}

@Test func `no line ends in a space or holds a tab`() {
  for file in files("Sources") + files("Tests") {
    for (index, line) in file.lines.enumerated() where line.last == " " || line.contains("\t") {
      Issue.record("\(file.path):\(index + 1): stray white space")
    }
  }
}

@Test func `no file is longer than 400 lines`() {
  for file in files("Sources") where file.lines.count > 400 { Issue.record("\(file.path): \(file.lines.count) lines") }
}

@Test func `nothing is left for later`() {
  let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
  for file in files("Sources") + files("Tests") {
    for (index, line) in file.lines.enumerated() where marks.contains(where: { line.contains($0) }) {
      Issue.record("\(file.path):\(index + 1): \(line)")
    }
  }
}
