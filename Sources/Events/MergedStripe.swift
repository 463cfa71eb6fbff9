import Buffers
import Columns

/// One stripe made of rows of others, bucket by bucket.
struct MergedStripe: Sendable {
  /// A stripe of a segment.
  struct Input: Sendable {
    var source: MergeSource
    var stripe: Int
    /// From its own numbers of words to the new ones; nil: the same.
    var words: (categories: [Int64], channels: [Int64])?
    var partNumbers: [Int?]

    var segment: SegmentReader { source.segment }
    /// Places in a bucket that are left out.
    func without(_ bucket: Int) -> [Int] { source.without.rows[stripe][bucket] ?? [] }
  }

  struct Bucket: Sendable {
    var blocks: [PackedBlock] = []
    /// For each piece of the stripe.
    var pieces: [(rows: Int, period: (Int64, Int64)?)] = []
    /// For each input the places of its rows that stay.
    var kept: [[Int]] = []
    var rows: Int { pieces.reduce(0) { $0 + $1.rows } }
  }

  let inputs: [Input]
  /// Of the new stripe.
  let pieces: [SegmentPiece]
  let hasIdentity: Bool
  private let secret = HashKey.random()
  /// For each input the rows of each of its pieces in each bucket.
  private let pieceRows: [[Int]]

  init(_ inputs: [Input], hasIdentity: Bool) throws(PipelineError) {
    self.inputs = inputs
    self.hasIdentity = hasIdentity
    pieceRows = try inputs.mapTyped { (input: Input) throws(PipelineError) in try input.segment.pieceRows(stripe: input.stripe) }
    pieces = inputs.flatMap { input in
      input.segment.pieces(stripe: input.stripe).compactMap { piece in
        input.partNumbers[piece.part].map { SegmentPiece(part: $0, firstLine: piece.firstLine) }
      }
    }
  }

  func bucket(_ b: Int) throws(PipelineError) -> Bucket {
    var bucket = Bucket(), times: [Int64] = [], steps: [Int64] = []
    for (i, input) in inputs.enumerated() {
      let gone = Set(input.without(b))
      let kept = (0..<input.segment.rowCount(stripe: input.stripe, bucket: b)).filter { gone.isEmpty || !gone.contains($0) }
      bucket.kept.append(kept)
      let at = try input.segment.times(stripe: input.stripe, bucket: b), lines = try input.segment.lines(stripe: input.stripe, bucket: b)
      let old = input.segment.pieces(stripe: input.stripe)
      var next = 0, end = 0
      for (k, piece) in old.enumerated() {
        end += pieceRows[i][b * old.count + k]
        let first = times.count
        var line = piece.firstLine
        while next < kept.count, kept[next] < end {
          times.append(at[kept[next]])
          steps.append(lines[kept[next]] &- line)
          line = lines[kept[next]]
          next += 1
        }
        if input.partNumbers[piece.part] == nil { continue }
        let mine = times[first...]
        bucket.pieces.append((mine.count, mine.min().flatMap { low in mine.max().map { (low, $0) } }))
      }
    }
    bucket.blocks = try blocks(b, bucket.kept, times, steps)
    return bucket
  }

  private func blocks(_ b: Int, _ kept: [[Int]], _ times: [Int64], _ steps: [Int64]) throws(PipelineError) -> [PackedBlock] {
    if inputs.count == 1, inputs[0].words == nil, inputs[0].without(b).isEmpty {
      return try SegmentFormat.Block.allCases.mapTyped { (block: SegmentFormat.Block) throws(PipelineError) in
        try inputs[0].segment.packed(inputs[0].segment.block(inputs[0].stripe, b, block))
      }
    }
    let meta = inputs[0].segment.meta
    return try customers(b, kept) + [
      PackedBlock(PackedIntegers(times.span)), PackedBlock(PackedIntegers(steps.span)), integers(b, .kinds, true, kept),
      integers(b, .amounts, true, kept), integers(b, .discounts, meta.hasDiscount, kept), integers(b, .costs, meta.hasCost, kept),
      integers(b, .categories, meta.hasCategory, kept), integers(b, .channels, meta.hasChannel, kept),
      integers(b, .updates, meta.hasUpdates, kept),
    ] + ids(b, kept)
  }

  func integers(_ b: Int, _ block: SegmentFormat.Block, _ isThere: Bool, _ kept: [[Int]]) throws(PipelineError) -> PackedBlock {
    guard isThere else { return PackedBlock(bytes: [], count: kept.reduce(0) { $0 + $1.count }) }
    var all: [Int64] = []
    for (input, kept) in zip(inputs, kept) {
      let values = try input.segment.file.integers(input.segment.block(input.stripe, b, block), as: Int64.self)
      let codes = block == .categories ? input.words?.categories : block == .channels ? input.words?.channels : nil
      guard kept.last ?? -1 < values.count, codes.map({ codes in values.allSatisfy { codes.indices.contains(Int($0)) } }) ?? true else {
        throw differs(input, b)
      }
      for row in kept { all.append(codes.map { $0[Int(values[row])] } ?? values[row]) }
    }
    return PackedBlock(PackedIntegers(all.span))
  }

  func differs(_ input: Input, _ b: Int) -> PipelineError {
    PipelineError(
      .badInput, "\(input.segment.file.path): the columns of bucket \(b) do not fit each other", fix: BlockFile.fix)
  }

  /// The customers that still have a row, in the order in which they come.
  private func customers(_ b: Int, _ kept: [[Int]]) throws(PipelineError) -> [PackedBlock] {
    var table = TextTable(expected: kept.reduce(0) { $0 + $1.count } / 2, secret: secret), codes: [UInt32] = []
    for (input, kept) in zip(inputs, kept) {
      let column = try input.segment.customers(stripe: input.stripe, bucket: b)
      guard kept.last ?? -1 < column.codes.count else { throw differs(input, b) }
      var isUsed = [Bool](repeating: false, count: column.lengths.count)
      for row in kept { isUsed[Int(column.codes[row])] = true }
      var used: [Int] = [], lengths: [UInt32] = [], bytes: [UInt8] = [], start = 0
      for (code, length) in column.lengths.enumerated() {
        if isUsed[code] {
          used.append(code)
          lengths.append(length)
          bytes.append(contentsOf: column.bytes[start..<start + Int(length)])
        }
        start += Int(length)
      }
      var numbers: [UInt32] = [], translation = [UInt32](repeating: 0, count: isUsed.count)
      table.encode(bytes.span, lengths: lengths.span, into: &numbers)
      for (code, number) in zip(used, numbers) { translation[code] = number }
      for row in kept { codes.append(translation[Int(column.codes[row])]) }
    }
    let lengths = (0..<table.count).map { table.offsets[$0 + 1] - table.offsets[$0] }
    return [
      PackedBlock(PackedIntegers(lengths.span)), PackedBlock(bytes: table.bytes, count: table.count),
      PackedBlock(PackedIntegers(codes.span)),
    ]
  }
}

extension SegmentReader {
  /// A block as it stands, checked.
  func packed(_ number: Int) throws(PipelineError) -> PackedBlock {
    try file.withBlock(number) { bytes, entry in
      var block = PackedBlock(bytes: values(bytes, count: bytes.byteCount, as: UInt8.self) ?? [], count: Int(entry.count))
      (block.base, block.width, block.hasNulls) = (entry.base, Int(entry.width), entry.hasNulls)
      return block
    }
  }
}
