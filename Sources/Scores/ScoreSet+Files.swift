import Buffers
import Columns

extension ScoreSet {
  private static let fileName = "scores.table"

  private struct Details: Codable {
    var segments: [SegmentSummary]
    var models: FittedModels?
    var outlook: Outlook?
    var use: FitUse?
  }

  /// Writes everything as `scores.table` in a folder, which is made where missing (0700).
  /// - Throws: 74 when the disk fails.
  package func write(to directory: String) throws(PipelineError) {
    do { try makeFolder(directory) } catch {
      throw PipelineError(.inputOutput, error.description, fix: "check the disk and the rights of the state folder, then run again")
    }
    try Table(rowCount: columns.first?.count ?? 0, columns: columns).write(
      to: directory + "/" + Self.fileName, details: Details(segments: segments, models: models, outlook: outlook, use: use))
  }

  /// - Throws: 66 where nothing was written there, 65 where it is damaged or of another version, 74 when the disk fails.
  package init(readFrom directory: String) throws(PipelineError) {
    let (table, details) = try Table.read(from: directory + "/" + Self.fileName, details: Details.self)
    self.init(columns: table.columns, segments: details.segments, models: details.models, outlook: details.outlook, use: details.use)
  }
}
