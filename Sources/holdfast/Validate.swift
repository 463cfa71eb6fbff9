import ArgumentParser
import Workflow

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a pipeline file and its dumps, the store, the database, or a dump alone.",
    usage: "holdfast validate <pipeline> [<options>]\n       holdfast validate --dump <file> ... [<options>]",
    discussion: """
      Tells every problem at once: of the pipeline file with line and column, of the
      dumps with their lines. Reads dumps to their end as a night would, and keeps
      nothing. A dump alone is checked for what needs no mapping: gzip members, CRC,
      encoding, quotes, rows of other lengths, the header, JSON.

      EXAMPLES
        holdfast validate pipelines/nightly.yaml
        holdfast validate pipelines/nightly.yaml --no-dumps --store --database
        holdfast validate --dump dumps/2025-01-01.csv.gz --json
      """)

  @Argument(help: ArgumentHelp("The pipeline file.", valueName: "pipeline"))
  var file: String?

  @Option(name: [.customShort("p"), .customLong("pipeline")], help: ArgumentHelp("The pipeline file, as a flag.", valueName: "file"))
  var fileFlag: String?

  @Option(name: .customLong("dump"), parsing: .upToNextOption, help: ArgumentHelp("Check dumps by themselves.", valueName: "file"))
  var dumpsAlone: [String] = []

  @Option(help: ArgumentHelp("Dumps to check in place of the file's; may be repeated.", valueName: "glob"))
  var dumps: [String] = []

  @Flag(name: .customLong("no-dumps"), help: "Leave the dumps alone.")
  var skipsDumps = false

  @Flag(name: .customLong("store"), help: "Check every block of the event store.")
  var checksStore = false

  @Flag(name: .customLong("database"), help: "Check the whole results database (SQLite's quick_check).")
  var checksDatabase = false

  @Option(help: ArgumentHelp("Folder of the event store, in place of the file's.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Cores to use; 0: all.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "No notes; errors only.")
  var quiet = false

  func validate() throws {
    if !dumpsAlone.isEmpty {
      guard file == nil, fileFlag == nil, dumps.isEmpty, !checksStore, !checksDatabase else {
        throw ValidationError("--dump checks dumps without a pipeline file; leave that out, or name its dumps with --dumps.")
      }
      return
    }
    guard (file == nil) != (fileFlag == nil) else {
      throw ValidationError(file == nil ? "Which pipeline? Give its file, or a dump with --dump." : "Give one pipeline file only.")
    }
  }

  func run() throws {
    if !dumpsAlone.isEmpty { throw ExitCode(validateDumps(dumpsAlone, isJSON: json, isQuiet: quiet)) }
    let path = file ?? fileFlag ?? ""
    var invocation = Invocation(pipelineFile: path)
    invocation.state = state
    invocation.threads = threads
    invocation.dumps = dumps
    invocation.isJSON = json
    invocation.isQuiet = quiet
    throw ExitCode(invocation.validate(store: checksStore, database: checksDatabase, dumps: !skipsDumps))
  }
}
