import Foundation
import Testing

@Suite struct `Records of runs` {
  @Test func `are kept up to runs_keep, the newest, and nothing else goes`() throws {
    let shop = try Shop()
    try (shop.text("shop.yaml") + "runs_keep: 3\n").write(toFile: shop.folder + "/shop.yaml", atomically: false, encoding: .utf8)
    let old = (1...5).map { "2024010\($0)T020000Z-0000000\($0)" }
    for name in old + ["notes", "20240101T020000Z-0000000g"] {
      try FileManager.default.createDirectory(atPath: shop.folder + "/state/runs/\(name)", withIntermediateDirectories: true)
      try shop.write("state/runs/\(name)/run_results.json", "{}")
    }
    #expect(try shop.run("run", "shop.yaml").status == 0)
    let left = shop.files("state/runs")
    #expect(left.filter { old.contains($0) } == Array(old.suffix(2)))
    #expect(left.count == 5 && left.contains("notes") && left.contains("20240101T020000Z-0000000g"))
  }
}

@Suite struct `Completions` {
  @Test(arguments: ["bash", "zsh", "fish"]) func `are written for a shell, and name the commands`(shell: String) throws {
    let script = try Holdfast.run("--generate-completion-script", shell)
    #expect(script.status == 0 && script.errors.isEmpty)
    for word in ["backfill", "explain", "--as-of", "--rejects"] where !(shell == "fish" && word.hasPrefix("--")) {
      #expect(script.output.contains(word))
    }
  }

  @Test func `are understood by bash`() throws {
    let answer = try Holdfast.shell(
      "source <(holdfast --generate-completion-script bash) && complete -p holdfast", in: NSTemporaryDirectory())
    #expect(answer.status == 0 && answer.output.hasSuffix(" holdfast\n"), "\(answer.errors)")
  }
}
