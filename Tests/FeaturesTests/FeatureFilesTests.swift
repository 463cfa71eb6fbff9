import Columns
import Features
import Foundation
import Testing
import Twins

/// Features written to a folder and read back.
struct FeatureFilesTests {
  private func features(_ folder: StoreFolder, seed: UInt64 = 2) throws -> FeatureSet {
    let population = NastyPopulation(seed: seed)
    let store = try folder.store(try population.write(to: folder, files: 2), mapping: population.mapping, zone: population.zone)
    return try transform(store, options: TransformOptions(asOf: Day("2024-06-30")!, threads: 2))
  }

  @Test func `features read back are those that were written`() throws {
    let folder = try StoreFolder(), features = try features(folder)
    try features.write(to: folder.path + "/features/2024-06-30")
    let read = try FeatureSet(readFrom: folder.path + "/features/2024-06-30")
    #expect(contents(of: read.customers) == contents(of: features.customers))
    #expect(read.customersByID == features.customersByID)
    #expect(read.asOf == features.asOf)
    #expect(read.partials == features.partials)
    #expect(read.loads == features.loads && !read.loads.isEmpty)
    #expect(read.conflicts == features.conflicts && !read.conflicts.isEmpty)
  }

  @Test func `the same features give the same bytes, whoever may read them is their owner, and nothing else stays in the folder`() throws {
    let folder = try StoreFolder(), features = try features(folder)
    let a = folder.path + "/a", b = folder.path + "/b"
    try features.write(to: a)
    try features.write(to: b)
    try features.write(to: b)
    #expect(try bytes(a) == bytes(b))
    #expect(try FileManager.default.contentsOfDirectory(atPath: b) == ["features.table"])
    let mode = try FileManager.default.attributesOfItem(atPath: b + "/features.table")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `features of no customers can be written and read`() throws {
    let folder = try StoreFolder()
    let features = try transform(try folder.store([]), options: TransformOptions(asOf: Day("2024-06-30")!, threads: 2))
    try features.write(to: folder.path + "/features")
    let read = try FeatureSet(readFrom: folder.path + "/features")
    #expect(read.customers.rowCount == 0)
    #expect(contents(of: read.customers) == contents(of: features.customers))
  }

  @Test func `a flipped bit or a cut end of the file never gives other features`() throws {
    let folder = try StoreFolder(), features = try features(folder), path = folder.path + "/features"
    try features.write(to: path)
    let sound = try bytes(path), expected = contents(of: features.customers)
    var numbers = SeededNumbers(seed: 7), refused = 0
    for trial in 0..<400 {
      var damaged = sound
      if trial % 20 == 0 {
        damaged.removeLast(1 + Int(numbers.next() % UInt64(sound.count)))
      } else {
        damaged[Int(numbers.next() % UInt64(sound.count))] ^= 1 << UInt8(numbers.next() % 8)
      }
      try damaged.write(to: URL(fileURLWithPath: path + "/features.table"))
      do throws(PipelineError) {
        // Only the zeros between two blocks belong to nothing.
        let read = try FeatureSet(readFrom: path)
        #expect(contents(of: read.customers) == expected && read.partials == features.partials && read.loads == features.loads)
      } catch {
        refused += 1
        #expect(error.exit == .badInput && !error.fix.contains("dump"))
      }
    }
    #expect(refused > 360)
  }

  @Test func `a file of a newer format is refused by its version, a missing one as missing input`() throws {
    let folder = try StoreFolder(), path = folder.path + "/features"
    let missing = #expect(throws: PipelineError.self) { try FeatureSet(readFrom: path) }
    #expect(missing?.exit == .noInput)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let writer = try BlockFileWriter(path: path + "/features.table", magic: 0x3145_4C42_4154_4648, version: 2)
    try writer.finish(meta: "{}")
    try writer.publish(as: path + "/features.table")
    let newer = #expect(throws: PipelineError.self) { try FeatureSet(readFrom: path) }
    #expect(newer?.exit == .badInput && newer?.message.contains("written in format version 2, this holdfast reads version 1") == true)
    // A sound table that is none of features.
    try Table(rowCount: 0).write(to: path + "/features.table", details: [1])
    let foreign = #expect(throws: PipelineError.self) { try FeatureSet(readFrom: path) }
    #expect(foreign?.exit == .badInput)
  }

  private func bytes(_ folder: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/features.table")) }
}
