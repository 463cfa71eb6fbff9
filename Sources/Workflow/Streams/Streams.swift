import Buffers
import Columns

/// Data goes to standard output, everything else to standard error.
package enum Streams {
  /// Writes data. A reader who has seen enough, as in `… | head -1`, is no error.
  /// - Throws: 74 where the output cannot be written, such as on a full disk.
  package static func output(_ text: String) throws(PipelineError) {
    do {
      try Terminal.write(Array(printable(text).utf8), to: Terminal.output)
    } catch  where Terminal.isClosedPipe(error) {
      return
    } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "make room where the output goes")
    }
  }

  /// Writes a message for people. That it cannot be read is no reason to stop.
  package static func message(_ text: String) {
    write(printable(text) + "\n")
  }

  private static func write(_ line: String) { try? Terminal.write(Array(line.utf8), to: Terminal.errors) }

  /// Writes an error, in red where a terminal shows it and NO_COLOR does not forbid it.
  package static func report(_ error: PipelineError) {
    guard hasColours else { return message(error.description) }
    let text = printable(error.description)
    write("\u{1B}[31m" + text.prefix(6) + "\u{1B}[0m" + text.dropFirst(6) + "\n")
  }

  /// The text with characters in words that would command a terminal or turn the reading direction: names of files and of pipelines, and
  /// with `--show-values` rows of dumps, come from strangers. Line breaks and tabs stay.
  package static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: commands) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if commands(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a character would command a terminal or turn the reading direction.
  static func commands(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case ..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  package static var hasColours: Bool { isLively && (Terminal.environment("NO_COLOR") ?? "").isEmpty }

  /// Whether someone watches standard error on a terminal that can redraw a line.
  package static var isLively: Bool { Terminal.isTerminal(Terminal.errors) && Terminal.environment("TERM") != "dumb" }

  /// Puts `text` in place of the line that the cursor stands in.
  static func redraw(_ text: String) {
    try? Terminal.write(Array(("\r\u{1B}[K" + text).utf8), to: Terminal.errors)
  }
}
