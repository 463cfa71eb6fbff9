import Columns
import Foundation
import Populations
import Testing

@Suite struct RefusalTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  @Test(arguments: [
    (PopulationOptions(rows: 0), "--rows 0"),
    (PopulationOptions(rows: -5), "--rows -5"),
    (PopulationOptions(rows: .max), "--rows"),
    (PopulationOptions(rows: 100, customers: 0), "--customers 0"),
    (PopulationOptions(rows: 100, customers: 98), "at most 97"),
    (PopulationOptions(rows: 100, files: 0), "--files 0"),
    (PopulationOptions(rows: 100, files: 101), "--files 101"),
    (PopulationOptions(rows: 100, start: Day(year: 1969, month: 12, day: 31)), "--start 1969-12-31"),
    (PopulationOptions(rows: 100, start: Day(year: 9999, month: 1, day: 1)), "--start 9999-01-01"),
    (PopulationOptions(rows: 100, months: 0), "--months 0"),
    (PopulationOptions(rows: 100, months: 1201), "--months 1201"),
    (PopulationOptions(rows: 100, threads: 0), "--threads 0"),
    (PopulationOptions(rows: 100, compressionLevel: 10), "--level 10"),
  ])
  func `an odd size is refused with a fix, and nothing is written`(options: PopulationOptions, words: String) throws {
    let error = try #require(throws: PipelineError.self) { try generate(options, into: folder.path) }
    #expect(error.exit == .usage && !error.fix.isEmpty)
    #expect(error.description.contains(words), "\(error)")
    #expect(try folder.names().isEmpty)
  }

  @Test func `a population that is there is not overwritten until told, and then wholly`() throws {
    _ = try generate(PopulationOptions(rows: 200, files: 3, seed: 1), into: folder.path)
    let before = try folder.bytes("tx-1.csv.gz")
    let error = try #require(throws: PipelineError.self) {
      try generate(PopulationOptions(rows: 200, files: 2, seed: 2), into: folder.path)
    }
    #expect(error.exit == .usage && error.fix.contains("--overwrite"))
    #expect(try folder.bytes("tx-1.csv.gz") == before)
    _ = try generate(PopulationOptions(rows: 200, files: 2, seed: 2, overwrite: true), into: folder.path)
    #expect(try folder.names() == ["truth.json", "tx-0.csv.gz", "tx-1.csv.gz"])
    #expect(try folder.bytes("tx-1.csv.gz") != before)
  }

  @Test func `other files in the directory are left alone`() throws {
    for name in ["notes.txt", "tx-.csv.gz", "tx-a.csv.gz"] {
      try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    }
    _ = try generate(PopulationOptions(rows: 10, files: 1), into: folder.path)
    #expect(try folder.names() == ["notes.txt", "truth.json", "tx-.csv.gz", "tx-0.csv.gz", "tx-a.csv.gz"])
  }

  @Test func `a directory that can not be made is an input or output error that names it`() throws {
    let path = folder.path + "/file"
    try Data().write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: PipelineError.self) { try generate(PopulationOptions(rows: 10), into: path + "/below") }
    #expect(error.exit == .inputOutput && error.description.contains(path))
  }
}
