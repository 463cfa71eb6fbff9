import Buffers
import Columns

/// Data goes to standard output, everything else to standard error.
package enum Streams {
  /// Writes data. A reader who has seen enough, as in `… | head -1`, is no error.
  /// - Throws: 74 where the output cannot be written, such as on a full disk.
  package static func output(_ text: String) throws(PipelineError) {
    do {
      try Terminal.write(Array(text.utf8), to: Terminal.output)
    } catch  where Terminal.isClosedPipe(error) {
      return
    } catch {
      throw PipelineError(.inputOutput, "\(error)", fix: "make room where the output goes")
    }
  }

  /// Writes a message for people. That it cannot be read is no reason to stop.
  package static func message(_ text: String) {
    try? Terminal.write(Array((text + "\n").utf8), to: Terminal.errors)
  }

  /// Writes an error, in red where a terminal shows it and NO_COLOR does not forbid it.
  package static func report(_ error: PipelineError) {
    guard hasColours else { return message(error.description) }
    message("\u{1B}[31m" + error.description.prefix(6) + "\u{1B}[0m" + error.description.dropFirst(6))
  }

  package static var hasColours: Bool { isLively && (Terminal.environment("NO_COLOR") ?? "").isEmpty }

  /// Whether someone watches standard error on a terminal that can redraw a line.
  package static var isLively: Bool { Terminal.isTerminal(Terminal.errors) && Terminal.environment("TERM") != "dumb" }

  /// Puts `text` in place of the line that the cursor stands in.
  static func redraw(_ text: String) {
    try? Terminal.write(Array(("\r\u{1B}[K" + text).utf8), to: Terminal.errors)
  }
}
