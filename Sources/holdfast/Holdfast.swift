import ArgumentParser
import Buffers
import Columns
import Workflow

@main
struct Holdfast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "holdfast",
    abstract: "Keeps customers: from gzip'd transaction dumps to segments and churn metrics in SQLite, every night.",
    discussion: """
      EXAMPLES
        holdfast run pipelines/cdnow.yaml         everything, dumps to database
        holdfast extract pipelines/nightly.yaml   new dumps only
        holdfast status pipelines/nightly.yaml    what was loaded and published

      EXIT CODES
        0 done · 1 a check or a reject limit failed, nothing published · 64 usage
        65 unreadable or corrupt input · 66 no input · 70 internal · 74 I/O
        75 another run holds the lock · 78 bad pipeline file · 130/143 interrupted
      """,
    version: Version.text,
    subcommands: [
      Sniff.self, Init.self, Run.self, Extract.self, Transform.self, Score.self, Publish.self, Backfill.self, Backtest.self, Plan.self,
      Validate.self, Status.self, Explain.self, Export.self, Compact.self, Erase.self, Generate.self,
    ])

  static func main() {
    Interrupts.ignoreClosedPipes()
    keepFreedMemory()
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let word = arguments.first, let command = intended(by: word) {
      exit(withError: ValidationError("Unknown command '\(word)'; did you mean '\(command)'?"))
    }
    main(arguments)
  }

  /// The command that a mistyped one is meant to be; nil for a right one, a flag, and what resembles none.
  static func intended(by word: String) -> String? {
    let known = configuration.subcommands.map { String(describing: $0).lowercased() } + ["help"]
    return word.hasPrefix("-") || known.contains(word) ? nil : Spelling.nearest(to: word, among: known)
  }
}

enum Version {
  static let text = "0.1.0"
}
