/// An error as a user meets it: what is wrong and where, what was expected, what to do, and how the process ends.
package struct PipelineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `sysexits.h`, as the README lists them.
  package enum Exit: Int32, Sendable {
    case checkFailed = 1
    case usage = 64
    case badInput = 65
    case noInput = 66
    case internalError = 70
    case inputOutput = 74
    case locked = 75
    case badPipeline = 78
  }
  package var exit: Exit
  /// Where, what was expected, what was found: one line.
  package var message: String
  /// Further facts, one line each.
  package var details: [String]
  /// What to do about it; empty when nothing can be said.
  package var fix: String

  package init(_ exit: Exit, _ message: String, details: [String] = [], fix: String = "") {
    self.exit = exit
    self.message = message
    self.details = details
    self.fix = fix
  }

  package var description: String {
    var text = "error: " + message
    for detail in details { text += "\n  " + detail }
    if !fix.isEmpty { text += "\n  fix: " + fix }
    return text
  }
}
