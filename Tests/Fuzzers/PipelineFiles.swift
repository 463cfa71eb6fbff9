import Columns
import Workflow

/// A pipeline file of any bytes is refused at its line and column, or resolved; what it resolves to is a pipeline file that resolves to itself.
func fuzzPipeline(_ bytes: [UInt8]) {
  do throws(PipelineError) {
    let text = try Pipeline(file: "p/a.yaml", bytes: bytes).resolvedText
    do throws(PipelineError) {
      let again = try Pipeline(file: "p/a.yaml", bytes: Array(text.utf8)).resolvedText
      require(again == text, "resolved again: \(again)\nfirst: \(text)")
    } catch { fatalError("refuses what it resolved to: \(error.message) \(error.details)\n\(text)") }
  } catch {
    require(error.exit == .badPipeline && !error.fix.isEmpty && !error.details.isEmpty, "\(error)")
    let lines = bytes.count + 3
    for line in error.details where line.hasPrefix("p/a.yaml:") {
      let numbers = line.dropFirst(9).split(separator: ":", maxSplits: 2).prefix(2).compactMap { Int($0) }
      require(numbers.count == 2 && (1...lines).contains(numbers[0]) && numbers[1] >= 1, "no place: \(line)")
    }
  }
}
