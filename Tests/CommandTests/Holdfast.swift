import Foundation

/// The built program, run as a user runs it.
enum Holdfast {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// It lies beside the bundle of these tests.
  static let path: String = {
    let arguments = [Bundle.main.bundlePath, Bundle.main.executablePath ?? "", CommandLine.arguments[0]]
    for start in arguments {
      var folder = URL(fileURLWithPath: start)
      for _ in 0..<4 {
        let program = folder.appendingPathComponent("holdfast")
        if FileManager.default.isExecutableFile(atPath: program.path), !isFolder(program.path) { return program.path }
        folder.deleteLastPathComponent()
      }
    }
    return "holdfast"
  }()

  private static func isFolder(_ path: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path)[.type]) as? FileAttributeType == .typeDirectory
  }

  static func process(_ arguments: [String], in folder: String) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    return process
  }

  static func run(_ arguments: String..., in folder: String = NSTemporaryDirectory()) throws -> Result {
    let process = process(arguments, in: folder)
    return try finish(process)
  }

  /// A line of shell with `holdfast` as a word of its own.
  static func shell(_ line: String, in folder: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-o", "pipefail", "-c", "holdfast() { \"\(path)\" \"$@\"; }\n" + line]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    return try finish(process)
  }

  static func finish(_ process: Process) throws -> Result {
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let reader = Reader(errors.fileHandleForReading)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Result(status: process.terminationStatus, output: text, errors: reader.text())
  }
}

/// Reads a pipe to its end beside the one that is read here, so that neither fills up.
private final class Reader: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var data = Data()

  init(_ handle: FileHandle) {
    DispatchQueue.global().async { [self] in
      data = handle.readDataToEndOfFile()
      done.signal()
    }
  }

  func text() -> String {
    done.wait()
    return String(decoding: data, as: UTF8.self)
  }
}

/// A folder with a pipeline and dumps, which goes away with its owner.
final class Shop {
  let folder: String

  static let rows = """
    transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind
    t1,anna,2024-01-05T10:00:00Z,10.00,0.00,4.00,books,web,purchase
    t2,anna,2024-03-05T10:00:00Z,20.50,1.00,8.00,music,web,purchase
    t3,berta,2024-03-06T10:00:00Z,5.00,0.00,2.00,books,shop,purchase
    t3,berta,2024-03-09T10:00:00Z,5.00,0.00,2.00,books,shop,refund
    t4,carla,2024-05-30T23:59:59Z,99.99,0.00,50.00,games,web,purchase

    """

  init(dumps: [String: String] = ["a.csv": Shop.rows]) throws {
    folder = NSTemporaryDirectory() + "holdfast-shop-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder + "/dumps", withIntermediateDirectories: true)
    for (name, text) in dumps { try text.write(toFile: folder + "/dumps/" + name, atomically: false, encoding: .utf8) }
    try pipeline()
  }

  /// Writes `shop.yaml`, whose feed has further keys; its dumps were all written a moment ago.
  func pipeline(_ keys: String = "", settle: String = "0") throws {
    let feed = "feeds: {transactions: {dumps: [\"dumps/*.csv*\"], settle: \(settle)\(keys.isEmpty ? "" : ", ")\(keys)}}"
    try write("shop.yaml", "name: shop\nstate: state\n\(feed)\noutput: {database: out/shop.sqlite}\n")
  }

  func write(_ path: String, _ text: String) throws {
    try text.write(toFile: folder + "/" + path, atomically: false, encoding: .utf8)
  }

  /// What the record of the newest run says.
  func record() throws -> [String: Any] {
    try json(text("state/runs/\(files("state/runs").last ?? "")/run_results.json"))
  }

  /// Path and outcome of each dump of the newest run.
  func outcomes() throws -> [String] {
    (try record()["dumps"] as? [[String: Any]] ?? []).map { "\($0["path"] ?? "") \($0["outcome"] ?? "")" }
  }

  /// Rows of the results database, as SQLite prints them.
  func query(_ sql: String) throws -> String { try Holdfast.shell("sqlite3 out/shop.sqlite \"\(sql)\"", in: folder).output }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func run(_ arguments: String...) throws -> Holdfast.Result {
    let process = Holdfast.process(arguments, in: folder)
    return try Holdfast.finish(process)
  }

  func files(_ path: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + path)) ?? []).sorted() }

  func text(_ path: String) throws -> String { try String(contentsOfFile: folder + "/" + path, encoding: .utf8) }

  func json(_ text: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
  }
}
