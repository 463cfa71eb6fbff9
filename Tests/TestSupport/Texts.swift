import Buffers

/// The text of a file, piece by piece put together again, and what is known at its end.
package func readText(
  _ path: String, pipelined: Bool, pieceBytes: Int = TextChunk.textCapacity
) throws -> (text: [UInt8], facts: DumpFacts) {
  let source = TextSource(file: try InputFile(path: path), rowBytesMax: 4096, pipelined: pipelined, pieceBytes: pieceBytes)
  var text: [UInt8] = [], used = 0
  while let chunk = try source.next(usedUpTo: used) {
    text += chunk.copy(from: chunk.textEnd - chunk.textCount, to: chunk.textEnd)
    used = chunk.textEnd
  }
  return (text, source.facts())
}

/// The bytes of one piece of text, kept at 256 KiB of text, so that a test can put the border between two pieces where it wants.
package let pieceBytes = 256 << 10
