import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
private let verifier = "/usr/bin/systemd-analyze"

@Suite struct `The examples for a machine that works at night` {
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: verifier), "no systemd here"))
  func `are units that systemd takes`() throws {
    let shop = try Shop()
    let script = """
      set -e
      cp '\(root)/pipelines/holdfast.timer' .
      sed 's|^ExecStart=/usr/local/bin/holdfast|ExecStart=\(Holdfast.path)|' '\(root)/pipelines/holdfast.service' > holdfast.service
      grep -q 'ExecStart=\(Holdfast.path) run pipelines/nightly.yaml' holdfast.service
      \(verifier) verify ./holdfast.service ./holdfast.timer
      """
    let result = try Holdfast.shell(script, in: shop.folder)
    #expect(result.status == 0 && !result.errors.contains("holdfast."), "\(result.errors)")
  }

  /// Each line is run as cron would, in a folder that stands for /srv/holdfast.
  @Test func `are cron lines that publish a night, and notice when its results are not there`() throws {
    let shop = try Shop()
    let lines = try String(contentsOfFile: root + "/pipelines/holdfast.cron", encoding: .utf8).split(separator: "\n")
    let commands = lines.compactMap { $0.firstMatch(of: /^[0-9]+ [0-9]+ \* \* \* holdfast (.+)$/)?.output.1 }
    #expect(commands.count == 2)
    let own = commands.map { command in
      "export PATH=\"$(dirname '\(Holdfast.path)'):/usr/bin:/bin\"\n"
        + command.replacing("/srv/holdfast", with: shop.folder).replacing(" holdfast ", with: " command holdfast ")
        .replacing("nice command holdfast", with: "nice holdfast")
    }
    let script = """
      mkdir pipelines && cp '\(root)/pipelines/nightly.yaml' pipelines && gzip dumps/a.csv && touch -d '1 hour ago' dumps/*
      """
    #expect(try Holdfast.shell(script, in: shop.folder).status == 0)
    let none = try Holdfast.shell(own[1], in: shop.folder)
    #expect(none.status == 1 && none.errors.hasPrefix("error: nothing is published yet"), "\(none.errors)")
    for command in own {
      let result = try Holdfast.shell(command, in: shop.folder)
      #expect(result.status == 0 && result.output.isEmpty && !result.errors.contains("error"), "\(result.errors)")
    }
    #expect(shop.files("output").contains("nightly.sqlite"))
  }
}
