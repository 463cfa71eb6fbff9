import Glibc

/// What stands at a path, asked without opening it: a FIFO would block, a device would answer.
package enum PathKind: String, Sendable {
  case file, folder, fifo, device, socket, missing
  /// A symbolic link whose target is not there.
  case danglingLink
  /// Nothing can be said, mostly for want of permission on a folder of the path.
  case unknown

  package init(of path: String) {
    if let mode = Self.mode(of: path, followingLinks: true) {
      self = Self.kind(ofMode: mode)
    } else if errno == ENOENT || errno == ENOTDIR || errno == ELOOP {
      self = Self.mode(of: path, followingLinks: false) == nil ? .missing : .danglingLink
    } else {
      self = .unknown
    }
  }

  private static func mode(of path: String, followingLinks: Bool) -> mode_t? {
    var status = stat()
    // Safety: both calls read a NUL-terminated path for the time of the call and fill the structure that is handed over.
    let answer = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    return answer == 0 ? status.st_mode : nil
  }

  private static func kind(ofMode mode: mode_t) -> PathKind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFIFO: .fifo
    case S_IFBLK, S_IFCHR: .device
    case S_IFSOCK: .socket
    default: .unknown
    }
  }
}
