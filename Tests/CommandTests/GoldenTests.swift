import Foundation
import Testing

/// `make golden` writes them anew; a change of them belongs into the commit that meant it.
@Test(.enabled(if: FileManager.default.fileExists(atPath: goldenFolder), "no golden results yet: make golden"))
func `the golden results come out again, byte for byte`() throws {
  let scratch = NSTemporaryDirectory() + "holdfast-golden-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: scratch) }
  let script = packageFolder + "/fixtures/golden.sh"
  let line = "'\(script)' '\(Holdfast.path)' '\(scratch)' && diff -r '\(goldenFolder)' '\(scratch)' | cut -c 1-200 | head -20"
  let result = try Holdfast.shell(line, in: packageFolder)
  #expect(result.status == 0, "\(result.errors)")
  #expect(result.output.isEmpty)
}

private let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
private let goldenFolder = packageFolder + "/fixtures/golden"
