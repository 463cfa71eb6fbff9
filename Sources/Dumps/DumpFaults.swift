import Buffers
import Columns

/// What keeps a dump from being read at all, in words.
enum DumpFaults {
  /// - Throws: 66 where there is no such file, 65 where it is no regular file or must not be read.
  static func open(_ path: String) throws(PipelineError) -> InputFile {
    do { return try InputFile(path: path) } catch {
      throw PipelineError(
        error.code == 2 ? .noInput : .badInput, error.description, fix: "name a regular file that this user may read")
    }
  }

  /// 65 for damaged bytes, 74 where the disk is at fault.
  static func unreadable(_ path: String, _ fault: GzipFault) -> PipelineError {
    if let system = fault.isSystem { return PipelineError(.inputOutput, system.description, fix: "check the disk, then run again") }
    return PipelineError(
      .badInput, "\(path), byte \(fault.offset): \(fault.reason)", details: ["nothing of this dump was loaded"],
      fix: "deliver the dump again, whole; the next run loads it")
  }

  static func wideText(_ path: String) -> PipelineError {
    PipelineError(.badInput, "\(path): the text is UTF-16 or UTF-32, expected UTF-8", fix: "convert it to UTF-8")
  }
}
