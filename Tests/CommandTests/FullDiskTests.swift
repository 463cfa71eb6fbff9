import Foundation
import Testing

/// Needs the right to mount: a disk of a few hundred KiB is a tmpfs.
private let canMount: Bool = {
  let folder = NSTemporaryDirectory() + "holdfast-mount-" + UUID().uuidString
  let line = "[ $(id -u) = 0 ] && mkdir \"$d\" && mount -t tmpfs -o size=64k tmpfs \"$d\" && umount \"$d\"; s=$?; rmdir \"$d\"; exit $s"
  return (try? Holdfast.shell("d='\(folder)'; " + line, in: NSTemporaryDirectory()).status) == 0
}()

@Suite(.serialized, .enabled(if: canMount, "needs root and the right to mount a tmpfs")) struct `A full disk` {
  /// KiB of the disk under the state folder and of that under the database: too little on one side or the other, early or late.
  @Test(arguments: [(64, 4096), (256, 4096), (1024, 4096), (8192, 64), (8192, 512), (8192, 1024)])
  func `publishes nothing, ends with 74 and what to do, and carries on when there is room`(stateKiB: Int, outputKiB: Int) throws {
    let night = try Night(rows: 40_000)
    try night.run("run", "whole", ["--quiet"])
    let wanted = try night.tables("whole", without: ["run_id"])
    for (name, size) in [("state", stateKiB), ("out", outputKiB)] {
      let mounted = try Holdfast.shell("mkdir -p disk/\(name) && mount -t tmpfs -o size=\(size)k tmpfs disk/\(name)", in: night.folder)
      try #require(mounted.status == 0, "\(mounted.errors)")
    }
    defer { _ = try? Holdfast.shell("umount disk/state disk/out", in: night.folder) }
    let arguments = ["run", "night.yaml", "--state", "disk/state/s", "--database", "disk/out/out.sqlite"]
    let full = try Holdfast.finish(Holdfast.process(arguments, in: night.folder))
    #expect(full.status == 74, "\(full.errors)")
    #expect(full.output.isEmpty)
    #expect(full.errors.contains("fix: "), "\(full.errors)")
    #expect(night.files("disk/out") == [], "something was published")

    let more = try Holdfast.shell("mount -o remount,size=64m disk/state && mount -o remount,size=64m disk/out", in: night.folder)
    try #require(more.status == 0, "\(more.errors)")
    let again = try Holdfast.finish(Holdfast.process(arguments, in: night.folder))
    #expect(again.status == 0, "\(again.errors)")
    let found = try Results.tables(night.folder + "/disk/out/out.sqlite", without: ["run_id"])
    #expect(Results.differences(found, wanted).isEmpty)
  }
}
