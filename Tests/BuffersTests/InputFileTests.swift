import Buffers
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct InputFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test func `a pipe without a writer is refused and nobody waits for one`() throws {
    try run("mkfifo", folder.path + "/pipe")
    let fault = #expect(throws: SystemFault.self) { try InputFile(path: folder.path + "/pipe") }
    #expect(fault?.path == folder.path + "/pipe")
    #expect(try FileIdentity.of(folder.path + "/pipe")?.isRegular == false)
  }

  @Test func `a folder, a device, a dangling link and a name that is not there are refused`() throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path + "/nowhere")
    for path in [folder.path, "/dev/null", "/dev/zero", folder.path + "/link", folder.path + "/nowhere"] {
      #expect(throws: SystemFault.self, "\(path)") { try InputFile(path: path) }
    }
    #expect(try FileIdentity.of(folder.path + "/link") == nil)
    #expect(try FileIdentity.of(folder.path + "/nowhere") == nil)
    #expect(try FileIdentity.of("/dev/null")?.isRegular == false)
  }

  @Test func `a link to a dump is the dump`() throws {
    try folder.write("dump.csv", "id\n1\n")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path + "/dump.csv")
    #expect(try FileIdentity.of(folder.path + "/link")?.identity == FileIdentity.of(folder.path + "/dump.csv")?.identity)
    #expect(try readText(folder.path + "/link", pipelined: true).text == Array("id\n1\n".utf8))
  }

  @Test func `other bytes, another time or another file under the name is another identity`() throws {
    let path = try folder.write("dump.csv", "id\n1\n")
    let first = try FileIdentity.of(path)?.identity
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
    let second = try FileIdentity.of(path)?.identity
    try folder.write("other.csv", "id\n1\n")
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: folder.path + "/other.csv", toPath: path)
    let third = try FileIdentity.of(path)?.identity
    #expect(first != second && second != third && first != third)
    #expect(third?.byteCount == 5)
  }
}
