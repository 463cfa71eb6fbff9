import Columns
import Foundation
import Testing
import Workflow

@Test func `a pattern expands to its files in byte order, each once`() throws {
  let folder = try TemporaryFolder()
  for name in ["b.csv", "a.csv", "B.csv", ".hidden.csv", "a.csv.gz", "sub/c.csv"] { _ = try folder.write(name, "") }
  let all = try Globs.expand([folder.path + "/*.csv", folder.path + "/a.*", folder.path + "/*/c.csv"])
  #expect(all.map { String($0.dropFirst(folder.path.count + 1)) } == ["B.csv", "a.csv", "b.csv", "a.csv.gz", "sub/c.csv"])
}

@Test(arguments: [
  ("abc", "abc", true), ("abc", "a*", true), ("abc", "*c", true), ("abc", "a?c", true), ("abc", "a?", false), ("abc", "[a-c]bc", true),
  ("abc", "[!a]bc", false), ("abc", "[xa]*", true), ("a]c", "a]c", true), ("a[c", "a[c", true), ("]", "[]]", true), ("", "*", true),
  ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*c", false), ("tx-01.csv.gz", "tx-[0-9][0-9].csv.gz", true),
])
func `names match patterns as a shell's do`(name: String, pattern: String, isMatch: Bool) {
  #expect(Globs.matches(name, pattern) == isMatch)
}

@Test func `a pattern without a match is no input, and is named`() throws {
  let folder = try TemporaryFolder()
  for pattern in [folder.path + "/*.csv", folder.path + "/none.csv", folder.path + "/no/*/such.csv"] {
    let error = #expect(throws: PipelineError.self) { try Globs.expand([pattern]) }
    #expect(error?.exit == .noInput)
    #expect(error?.message == "no file matches \(pattern)")
  }
}

@Test(.timeLimit(.minutes(15))) func `a folder, FIFO, device or dangling link is refused without being opened`() throws {
  let folder = try TemporaryFolder()
  try FileManager.default.createDirectory(atPath: folder.path + "/folder.csv", withIntermediateDirectories: false)
  try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.csv", withDestinationPath: folder.path + "/nowhere")
  try FileManager.default.createSymbolicLink(atPath: folder.path + "/loop.csv", withDestinationPath: folder.path + "/loop.csv")
  #expect(try Command.run("/usr/bin/mkfifo", folder.path + "/fifo.csv").status == 0)
  let expected = [
    ("folder.csv", "a folder"), ("link.csv", "a link to nothing"), ("loop.csv", "a link to nothing"), ("fifo.csv", "a FIFO"),
  ]
  for (name, found) in expected {
    let path = folder.path + "/" + name
    for pattern in [path, folder.path + "/" + name.prefix(3) + "*"] {
      let error = #expect(throws: PipelineError.self) { try Globs.expand([pattern]) }
      #expect(error?.exit == .badInput)
      #expect(error?.message == "\(path): expected a file, found \(found)")
    }
  }
  #expect(throws: PipelineError.self) { try Globs.expand(["/dev/null"]) }
}

@Test func `a link to a file is a file`() throws {
  let folder = try TemporaryFolder()
  let file = try folder.write("a.csv", "")
  try FileManager.default.createSymbolicLink(atPath: folder.path + "/b.csv", withDestinationPath: file)
  #expect(try Globs.expand([folder.path + "/b.csv"]) == [folder.path + "/b.csv"])
}
