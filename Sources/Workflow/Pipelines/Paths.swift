import Foundation

package enum Paths {
  /// `path` seen from `folder`, with `.` and `..` taken out where that cannot change what is meant (a leading `..` stays).
  package static func joined(_ folder: String, _ path: String) -> String {
    if path.hasPrefix("/") { return path }
    var parts: [Substring] = []
    let whole = folder == "." ? path : folder + "/" + path
    for part in whole.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (whole.hasPrefix("/") ? "/" : "") + (parts.isEmpty ? "." : parts.joined(separator: "/"))
  }

  /// `path`, which starts where `folder` does, as seen from there: what `joined` puts together again. Where that takes more than the texts
  /// tell, as from `..`, the path from the root.
  package static func relative(_ path: String, to folder: String) -> String {
    if path.hasPrefix("/") || folder == "." { return path }
    let here = FileManager.default.currentDirectoryPath
    let from = joined(here, folder).split(separator: "/"), to = joined(here, path).split(separator: "/")
    guard !from.contains(".."), !to.contains("..") else { return joined(here, path) }
    let common = zip(from, to.dropLast()).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: from.count - common) + to.dropFirst(common).map(String.init)).joined(separator: "/")
  }

  /// The folder that a path lies in.
  package static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
