import Columns
import Events
import Foundation
import Warehouse

/// `run_results.json`: what one run did, for machines. Names become snake_case. A change of meaning raises `schemaVersion`.
package struct RunResults: Codable, Sendable {
  package enum State: String, Codable, Sendable { case running, succeeded, failed, interrupted }
  package struct Stage: Codable, Sendable {
    package var stage: String
    package var seconds: Double
    /// Rows read by extract, customers of the later stages.
    package var rows: Int64
  }
  package struct Dump: Codable, Sendable {
    package var path: String
    package var outcome: String
    package var sha256: String?
    package var rowsRead: Int64?
    package var rowsLoaded: Int64?
    package var rowsRejected: Int64?
    package var rowsFiltered: Int64?
    /// Columns that no dump before had and nothing maps; absent: none.
    package var newColumns: [String]?
    /// What somebody should know of it, though nothing is wrong; absent: nothing.
    package var notes: [String]?
    package var error: Failure?
  }
  package struct Failure: Codable, Sendable {
    package var exitCode: Int32
    package var message: String
    package var details: [String]
    package var fix: String
  }
  package var schemaVersion = 1
  package var runId: String
  package var command: String
  package var state = State.running
  package var exitCode: Int32?
  package var startedAt: String
  package var finishedAt: String?
  package var seconds: Double?
  package var pipeline: String
  package var pipelineFile: String
  package var pipelineSha256: String
  package var threads: Int
  package var asOf: String?
  package var published = false
  package var customers: Int?
  package var database: String?
  package var stages: [Stage] = []
  package var dumps: [Dump] = []
  /// Absent: none was asked for, or the run did not come so far.
  package var checks: [CheckRecord]?
  package var error: Failure?

  package init(runID: String, command: String, startedAt: Int64, pipeline: Pipeline) {
    runId = runID
    self.command = command
    self.startedAt = UTC.text(startedAt)
    self.pipeline = pipeline.name
    pipelineFile = pipeline.file
    pipelineSha256 = pipeline.sha256
    threads = pipeline.threadCount
  }
}

extension RunResults.Failure {
  init(_ error: PipelineError) {
    self.init(exitCode: error.exit.rawValue, message: error.message, details: error.details, fix: error.fix)
  }
}

extension RunResults.Dump {
  init(_ outcome: DumpOutcome) {
    path = outcome.path
    self.outcome = outcome.kind.word
    sha256 = outcome.load?.sha256
    rowsRead = outcome.load?.rowsRead
    rowsLoaded = outcome.load?.rowsLoaded
    rowsRejected = outcome.load?.rowsRejected
    rowsFiltered = outcome.load?.rowsFiltered
    newColumns = outcome.newColumns.isEmpty ? nil : outcome.newColumns
    notes = outcome.notes.isEmpty ? nil : outcome.notes
    error = outcome.error.map { RunResults.Failure($0) }
  }
}

extension DumpOutcome {
  var wasRead: Bool {
    switch kind {
    case .loaded, .replaced, .refused, .failed, .repaired: true
    case .unchanged, .sameBytes, .unsettled: false
    }
  }
}

extension DumpOutcome.Kind {
  /// As it stands in run results, metrics and lists.
  package var word: String {
    switch self {
    case .loaded: "loaded"
    case .unchanged: "unchanged"
    case .sameBytes: "same_bytes"
    case .replaced: "replaced"
    case .unsettled: "unsettled"
    case .repaired: "repaired"
    case .refused: "refused"
    case .failed: "failed"
    }
  }
}

/// JSON as holdfast writes it everywhere: snake_case, sorted keys, two spaces.
package enum JSONText {
  package static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Encoding fails for numbers that are not finite and for nothing else here.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { return "{}\n" }
    return escaped(String(decoding: data, as: UTF8.self)) + "\n"
  }

  /// With characters that would command a terminal as JSON's own escapes: they stand in strings only, since line breaks are none of them.
  private static func escaped(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: Streams.commands) else { return json }
    return json.unicodeScalars.reduce(into: "") { result, scalar in
      guard Streams.commands(scalar) else { return result.unicodeScalars.append(scalar) }
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(type, from: Data(bytes))
  }
}
