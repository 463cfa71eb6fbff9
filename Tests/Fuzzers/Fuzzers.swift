import Foundation

/// libFuzzer's own loop: takes its flags and folders of seeds from the command line and calls back with each input.
@_silgen_name("LLVMFuzzerRunDriver")
private func runLibFuzzer(
  _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Each fuzzer traps where an invariant does not hold; libFuzzer keeps the input.
private let fuzzers: [String: @Sendable ([UInt8]) -> Void] = [
  "csv": { fuzzText($0, asJSON: false) }, "jsonl": { fuzzText($0, asJSON: true) }, "gzip": fuzzGzip, "store": fuzzSegment,
  "table": fuzzTable, "catalog": fuzzCatalog, "pipeline": fuzzPipeline,
]
private let chosen = ProcessInfo.processInfo.environment["FUZZER"] ?? ""

/// In memory where the system has such a folder: every input becomes a file.
let scratch: String = {
  let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
  let folder = "\(parent)/holdfast-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  return folder
}()

/// Puts an input into a file of this name.
func write(_ bytes: [UInt8], _ name: String) -> String {
  let path = scratch + "/" + name
  guard let file = fopen(path, "w") else { fatalError("\(path) cannot be written") }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
  return path
}

/// An invariant; also checked in release builds, where `assert` is not.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fatalError(what()) }
}

// SwiftPM calls an executable's main function by its module's name.
@_cdecl("fuzzers_main") public func fuzzersMain(
  _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  guard fuzzers[chosen] != nil else {
    print("FUZZER=\(fuzzers.keys.sorted().joined(separator: "|")) fuzzers [LIBFUZZER FLAGS] [FOLDERS OF SEEDS]")
    return 64
  }
  atexit { try? FileManager.default.removeItem(atPath: scratch) }
  var count = count, arguments = arguments
  return runLibFuzzer(&count, &arguments) { bytes, byteCount in
    fuzzers[chosen]?(Array(UnsafeBufferPointer(start: bytes, count: byteCount)))
    return 0
  }
}
