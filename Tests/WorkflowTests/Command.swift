import Foundation

/// A program run to its end.
struct Command {
  var status: Int32
  var output: String

  static func run(_ program: String, _ arguments: String...) throws -> Command {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Command(status: process.terminationStatus, output: output)
  }
}
