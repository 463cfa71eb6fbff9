import Buffers
import Columns
import Yams

/// The text of a pipeline file, before any key of it is looked at: small, UTF-8, one YAML document, no aliases.
enum PipelineSource {
  static let bytesMax = 256 << 10

  static func read(_ path: String) throws(PipelineError) -> [UInt8] {
    let fix = "name an existing pipeline file, such as pipelines/nightly.yaml"
    switch PathKind(of: path) {
    case .file: break
    case .missing, .danglingLink: throw PipelineError(.noInput, "\(path): there is no such pipeline file", fix: fix)
    case .unknown:
      throw PipelineError(.noInput, "\(path): the pipeline file cannot be reached", fix: "check the permissions of its folders")
    case let other: throw PipelineError(.noInput, "\(path): expected a pipeline file, found a \(other.rawValue)", fix: fix)
    }
    do {
      if let bytes = try SmallFile.read(path, bytesMax: bytesMax) { return bytes }
    } catch {
      throw PipelineError(.noInput, "\(error)", fix: "make the pipeline file readable for this user")
    }
    throw PipelineError(
      .badPipeline, "\(path): longer than \(bytesMax) bytes, the limit for a pipeline file", fix: "name a pipeline file, not a dump")
  }

  /// The document's root; nil for an empty document. A text that is no YAML at all is one problem, at its place.
  static func compose(_ bytes: [UInt8]) throws(Problems) -> Node? {
    if let offset = firstInvalidByte(bytes) {
      let before = bytes[..<offset]
      let line = before.count { $0 == UInt8(ascii: "\n") } + 1
      let column = offset - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
      throw Problems(line, column, "expected UTF-8, found the byte 0x\(String(bytes[offset], radix: 16))")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let problem = firstAlias(in: text) { throw Problems([problem]) }
    do {
      return try Yams.compose(yaml: text)
    } catch {
      throw Problems([problem(of: error)])
    }
  }

  /// What stood in the way of reading on.
  struct Problems: Error {
    var problems: [PipelineProblem]
    init(_ problems: [PipelineProblem]) { self.problems = problems }
    init(_ line: Int, _ column: Int, _ message: String) { problems = [PipelineProblem(line: line, column: column, message: message)] }
  }

  private static func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar): offset += scalar.count
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }

  /// YAML's anchors and aliases let a small file stand for one of astronomical size, and no pipeline needs them: they are refused
  /// before anything is expanded. Where a value begins with `*` it is mostly a pattern whose quotes were forgotten.
  private static func firstAlias(in text: String) -> PipelineProblem? {
    var quote: Unicode.Scalar?
    var (line, column) = (1, 0)
    var isValueStart = true, isEscaped = false
    var before: Unicode.Scalar = "\n"
    for character in text.unicodeScalars {
      column += 1
      defer {
        before = character
        if character == "\n" { (line, column) = (line + 1, 0) }
      }
      let wasEscaped = isEscaped
      if let open = quote {
        // Escapes in "…" are the only case that matters; '' closes and opens again.
        isEscaped = open == "\"" && character == "\\" && !isEscaped
        if character == open && !(open == "\"" && wasEscaped) { quote = nil }
        if character == "\n" && open == "#" { (quote, isValueStart) = (nil, true) }
        continue
      }
      switch character {
      case "#" where before == " " || before == "\n" || before == "\t": quote = "#"
      case "\n", "[", "{", ",": isValueStart = true
      case " ", "\t": if before == ":" || before == "-" || before == "?" { isValueStart = true }
      case "\"", "'":
        if isValueStart { quote = character }
        isValueStart = false
      case "*" where isValueStart:
        return PipelineProblem(
          line: line, column: column, message: "a value that begins with * is an alias in YAML; put the pattern in quotes")
      case "&" where isValueStart:
        return PipelineProblem(line: line, column: column, message: "anchors (&) are not allowed; put a text that begins with & in quotes")
      case "-", "?", ":": break
      default: isValueStart = false
      }
    }
    return nil
  }

  private static func problem(of error: any Error) -> PipelineProblem {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _)?, .parser(let context, let problem, let mark, _)?,
      .composer(let context, let problem, let mark, _)?:
      let tab = problem.contains("cannot start any token") ? "; indent with spaces, not tabs, and put texts with @ or ` in quotes" : ""
      let place = context.map { " \($0.text)" } ?? ""
      return PipelineProblem(line: mark.line, column: mark.column, message: "no valid YAML\(place): \(problem)\(tab)")
    case .duplicatedKeysInMapping(let keys, let context)?:
      let names = keys.map { "'\($0.prefix(40))'" }.joined(separator: ", ")
      return PipelineProblem(line: context.mark.line, column: context.mark.column, message: "stands twice in one section: \(names)")
    case .reader(let problem, let offset, _, let text)?:
      let before = text.prefix(offset ?? 0)
      let line = before.count { $0.isNewline } + 1
      let column = before.distance(
        from: before.lastIndex { $0.isNewline }.map { before.index(after: $0) } ?? before.startIndex, to: before.endIndex)
      return PipelineProblem(line: line, column: column + 1, message: "no valid YAML: \(problem)")
    default:
      return PipelineProblem(line: 1, column: 1, message: "no valid YAML: \(error)")
    }
  }
}
