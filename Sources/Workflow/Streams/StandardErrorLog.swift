import Logging

/// Log lines on standard error: `info: message key=value` for people, one JSON object a line for machines.
package struct StandardErrorLog: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level
  private let isJSON: Bool

  package init(level: Logger.Level, isJSON: Bool) {
    logLevel = level
    self.isJSON = isJSON
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let facts = metadata.merging(event.metadata ?? [:]) { $1 }.map { ($0, "\($1)") }.sorted { $0.0 < $1.0 }
    if isJSON {
      let record = ["time": UTC.text(UTC.now()), "level": event.level.rawValue, "message": "\(event.message)"]
      let line = JSONText.encode(record.merging(facts) { own, _ in own })
      // The line breaks of the pretty form stand between values only: those inside of texts are escaped.
      Streams.message(line.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " "))
    } else {
      let tail = facts.map { " \($0)=\($1)" }.joined()
      Streams.message("\(event.level): \(event.message)\(tail)")
    }
  }
}
