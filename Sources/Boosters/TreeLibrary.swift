#if XGBoost
  import CXGBoost
#endif

/// XGBoost's C interface; without the package's trait everything fails.
///
/// Each call makes the library's objects anew and frees them before it returns, so that nothing of it outlives a call or is shared by threads.
enum TreeLibrary {
  #if XGBoost
    static let isThere = true

    static func grow(_ inputs: TreeInputs, _ outcome: [Bool], _ options: TreeOptions) throws(BoosterError) -> [UInt8] {
      let data = try Matrix(inputs, labels: outcome.map { $0 ? 1 : 0 }, threads: 1), booster = try Booster(of: data)
      let parameters = [
        "objective": "binary:logistic", "tree_method": "hist", "eta": "\(options.learningRate)", "max_depth": "\(options.depthMax)",
        "min_child_weight": "\(options.childWeightMin)", "lambda": "\(options.lambda)",
      ]
      for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { try booster.set(name, value) }
      try booster.set(threads: 1)
      for round in 0..<options.rounds { try booster.grow(round, data) }
      return try booster.bytes()
    }

    static func check(_ bytes: [UInt8]) throws(BoosterError) { _ = try Booster(bytes) }

    /// - Parameter kind: the library's number: 1 sums of the trees, 2 contributions.
    static func predict(
      _ bytes: [UInt8], _ inputs: TreeInputs, kind: Int, rounds: Int, width: Int, threads: Int
    ) throws(BoosterError) -> [Float] {
      if inputs.rows == 0 { return [] }
      let booster = try Booster(bytes)
      try booster.set(threads: threads)
      return try booster.predict(try Matrix(inputs, labels: nil, threads: threads), kind: kind, rounds: rounds, count: inputs.rows * width)
    }
  #else
    static let isThere = false
    private static let missing = BoosterError("this holdfast was built without boosted trees")

    static func grow(_ inputs: TreeInputs, _ outcome: [Bool], _ options: TreeOptions) throws(BoosterError) -> [UInt8] { throw missing }

    static func check(_ bytes: [UInt8]) throws(BoosterError) { throw missing }

    static func predict(
      _ bytes: [UInt8], _ inputs: TreeInputs, kind: Int, rounds: Int, width: Int, threads: Int
    ) throws(BoosterError) -> [Float] { throw missing }
  #endif
}

#if XGBoost
  /// - Throws: what the library says of a call that failed.
  private func must(_ code: Int32) throws(BoosterError) {
    if code == 0 { return }
    // Safety: the library keeps the text of the thread's last error until its next call.
    let text = unsafe XGBGetLastError().map { unsafe String(cString: $0) } ?? "no reason given"
    // The first line says what; a trace of calls follows.
    throw BoosterError("XGBoost: " + (text.split(separator: "\n").first.map(String.init) ?? text))
  }

  /// Rows in the library's memory.
  @safe private final class Matrix {
    // Safety: made by the library in init, freed in deinit, used by calls of this file alone, one at a time.
    fileprivate let handle: DMatrixHandle?

    init(_ inputs: TreeInputs, labels: [Float]?, threads: Int) throws(BoosterError) {
      var made: DMatrixHandle?
      // Safety: the array holds rows × width values, which the library copies before it returns.
      let code = unsafe inputs.values.withUnsafeBufferPointer {
        unsafe XGDMatrixCreateFromMat_omp(
          $0.baseAddress, UInt64(inputs.rows), UInt64(inputs.width), .nan, &made, Int32(clamping: max(1, threads)))
      }
      unsafe handle = made
      try must(code)
      guard let labels else { return }
      // Safety: as many labels as rows, which the library copies.
      try must(
        unsafe labels.withUnsafeBufferPointer { unsafe XGDMatrixSetFloatInfo(handle, "label", $0.baseAddress, UInt64(labels.count)) })
    }

    deinit { unsafe _ = XGDMatrixFree(handle) }
  }

  /// Trees in the library's memory.
  @safe private final class Booster {
    // Safety: made by the library in init, freed in deinit, used by calls of this file alone, one at a time.
    private let handle: BoosterHandle?

    /// - Parameter data: what it will be grown on; nil: nothing.
    init(of data: Matrix?) throws(BoosterError) {
      var made: BoosterHandle?
      // Safety: the library reads as many handles as it is told, and keeps a reference of its own to each matrix.
      let code: Int32 =
        unsafe data.map { data in
          let handles = unsafe [data.handle]
          return unsafe handles.withUnsafeBufferPointer { unsafe XGBoosterCreate($0.baseAddress, 1, &made) }
        } ?? XGBoosterCreate(nil, 0, &made)
      unsafe handle = made
      try must(code)
      try set("verbosity", "0")
    }

    convenience init(_ bytes: [UInt8]) throws(BoosterError) {
      try self.init(of: nil)
      // Safety: the library reads the array's bytes, and no more, before it returns.
      try must(unsafe bytes.withUnsafeBytes { unsafe XGBoosterLoadModelFromBuffer(handle, $0.baseAddress, UInt64(bytes.count)) })
    }

    deinit { unsafe _ = XGBoosterFree(handle) }

    func set(_ name: String, _ value: String) throws(BoosterError) {
      // Safety: both texts live until the call returns, and are copied.
      try must(unsafe XGBoosterSetParam(handle, name, value))
    }

    func set(threads: Int) throws(BoosterError) { try set("nthread", "\(max(1, threads))") }

    func grow(_ round: Int, _ data: Matrix) throws(BoosterError) {
      // Safety: both handles live.
      try must(unsafe XGBoosterUpdateOneIter(handle, Int32(clamping: round), data.handle))
    }

    func bytes() throws(BoosterError) -> [UInt8] {
      var count: UInt64 = 0, start: UnsafePointer<CChar>?
      // Safety: the library keeps the bytes until its next call of this thread; they are copied here.
      try must(unsafe XGBoosterSaveModelToBuffer(handle, #"{"format": "ubj"}"#, &count, &start))
      return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
    }

    func predict(_ data: Matrix, kind: Int, rounds: Int, count: Int) throws(BoosterError) -> [Float] {
      let how = #"{"type": \#(kind), "training": false, "iteration_begin": 0, "iteration_end": \#(rounds), "strict_shape": false}"#
      var shape: UnsafePointer<UInt64>?, dimensions: UInt64 = 0, values: UnsafePointer<Float>?
      // Safety: the library keeps shape and values until its next call with this handle; they are read and copied here.
      try must(unsafe XGBoosterPredictFromDMatrix(handle, data.handle, how, &shape, &dimensions, &values))
      let found = unsafe UnsafeBufferPointer(start: shape, count: Int(dimensions)).reduce(1) { $0 * Int($1) }
      guard found == count else { throw BoosterError("XGBoost: expected \(count) values, found \(found)") }
      return unsafe Array(UnsafeBufferPointer(start: values, count: count))
    }
  }
#endif
