import Buffers
import Columns
import Glibc

/// What is done to a database's files from outside SQLite. None of it opens an existing database: closing such a descriptor would drop
/// SQLite's locks.
package enum DatabaseFiles {
  /// Makes the folder of `path`, and an empty file there if there is none, with the modes and the group asked for, whatever the umask.
  /// - Returns: true where the file was created.
  package static func create(_ path: String, _ configuration: DatabaseConfiguration) throws(PipelineError) -> Bool {
    let group = try configuration.group.map(groupNumber)
    do {
      try makeFolder(folder(of: path), mode: configuration.folderMode)
    } catch {
      throw PipelineError(
        .inputOutput, "\(configuration.title) \(path): \(error)", fix: "make the folder, or name a path that can be written")
    }
    // Safety: variadic only for the mode, which is given; 0600 until mode and group are set.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
    if descriptor < 0 {
      if errno == EEXIST { return false }
      throw fault("create", path, configuration)
    }
    defer { close(descriptor) }
    if let group, fchown(descriptor, uid_t.max, group) != 0 {
      let error = fault("give group \(group) to", path, configuration)
      try remove([path], configuration)
      throw error
    }
    guard fchmod(descriptor, mode_t(configuration.fileMode)) == 0 else { throw fault("set the mode of", path, configuration) }
    return true
  }

  /// Makes the finished file durable and gives it its name; fails where that name is taken.
  package static func reveal(_ temporary: String, as path: String, _ configuration: DatabaseConfiguration) throws(PipelineError) {
    // Safety: variadic only under O_CREAT; the path is a string of ours for the length of the call.
    let descriptor = unsafe open(temporary, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault("open", temporary, configuration) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fault("fsync", temporary, configuration) }
    // Safety: paths are strings of ours for the length of the call; the same in the calls below.
    guard unsafe link(temporary, path) == 0 else {
      if errno == EEXIST {
        throw PipelineError(.locked, "\(configuration.title) \(path): another program made it meanwhile", fix: "run again")
      }
      guard unsafe rename(temporary, path) == 0 else { throw fault("rename to", path, configuration) }
      return try syncNames(of: path, configuration)
    }
    _ = unsafe unlink(temporary)
    try syncNames(of: path, configuration)
  }

  package static func remove(_ paths: [String], _ configuration: DatabaseConfiguration) throws(PipelineError) {
    for path in paths where unsafe unlink(path) != 0 && errno != ENOENT { throw fault("remove", path, configuration) }
  }

  /// Bytes; 0 where there is no such file.
  package static func size(_ path: String) -> Int64 {
    var found = stat()
    return unsafe stat(path, &found) == 0 ? Int64(found.st_size) : 0
  }

  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Refuses to begin where less than three times `bytes` is free in the folder of `path`.
  package static func requireFreeDisk(_ bytes: Int64, path: String, title: String) throws(PipelineError) {
    var found = statvfs()
    guard unsafe statvfs(folder(of: path), &found) == 0 else { return }
    let free = found.f_bavail.multipliedReportingOverflow(by: found.f_frsize)
    let wanted = bytes.multipliedReportingOverflow(by: 3)
    guard !free.overflow, wanted.overflow || UInt(free.partialValue) < UInt(max(0, wanted.partialValue)) else { return }
    throw PipelineError(
      .inputOutput,
      "\(title) \(path): expected \(wanted.partialValue >> 20) MiB of free disk, three times its size,"
        + " found \(free.partialValue >> 20) MiB",
      fix: "free disk space in \(folder(of: path)), or name a path on another disk")
  }

  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func syncNames(of path: String, _ configuration: DatabaseConfiguration) throws(PipelineError) {
    do { try syncFolder(of: path) } catch { throw PipelineError(.inputOutput, "\(configuration.title) \(path): \(error)") }
  }

  private static func groupNumber(_ name: String) throws(PipelineError) -> gid_t {
    if let number = gid_t(name) { return number }
    // Safety: the record is the C library's; one number is copied out of it at once.
    guard let record = unsafe getgrnam(name) else {
      throw PipelineError(
        .badPipeline, "output.group: expected a group of this machine, found \"\(name)\"", fix: "name a group that `getent group` lists")
    }
    return unsafe record.pointee.gr_gid
  }

  private static func fault(_ verb: String, _ path: String, _ configuration: DatabaseConfiguration) -> PipelineError {
    let fault = SystemFault(operation: verb, path: path)
    return PipelineError(.inputOutput, "\(configuration.title): \(fault)", fix: "check the folder's rights and the disk's free space")
  }
}
