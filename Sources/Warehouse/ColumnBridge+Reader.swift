// SQLite reads the image as a database in memory; here its reading is led to the pieces.
import GRDB
import GRDBSQLite

/// Stands between SQLite's database in memory and an image: asks for a part of the file are answered by the image.
@safe final class ImageReader: @unchecked Sendable {
  /// SQLite's table of a file's functions, and behind it what the answers come from.
  @unsafe private struct Methods {
    var functions: sqlite3_io_methods
    var image: Unmanaged<TableImage>
  }
  // Safety: used by the connection's thread alone. Both live until SQLite has let go of the file, or for ever.
  private let methods: UnsafeMutablePointer<Methods>

  /// - Parameter schema: an attached database in memory.
  init(_ image: TableImage, of schema: String, _ connection: GRDB.Database) throws {
    unsafe methods = .allocate(capacity: 1)
    unsafe methods.initialize(to: Methods(functions: sqlite3_io_methods(), image: .passRetained(image)))
    var file: UnsafeMutablePointer<sqlite3_file>?
    guard let handle = unsafe connection.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    // Safety: SQLite never looks at the bytes themselves, since it asks `read` for them and maps nothing. Its own methods for files in memory
    // do all else; the file is theirs until the database is detached.
    let size = image.byteCount
    let code = unsafe sqlite3_deserialize(
      handle, schema, image.firstBytes, size, size, UInt32(SQLITE_DESERIALIZE_READONLY))
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: connection.lastErrorMessage) }
    guard unsafe sqlite3_file_control(handle, schema, SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file = unsafe file,
      var functions = unsafe file.pointee.pMethods?.pointee
    else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
    // Version 1 maps nothing.
    functions.iVersion = 1
    unsafe functions.xRead = { unsafe ImageReader.read($0, $1, $2, $3) }
    unsafe methods.pointee.functions = functions
    unsafe file.pointee.pMethods = UnsafeRawPointer(methods).assumingMemoryBound(to: sqlite3_io_methods.self)
  }

  private static func read(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ place: UnsafeMutableRawPointer?, _ bytes: Int32, _ offset: Int64
  ) -> Int32 {
    // Safety: the methods of a file that this function is in are those that `init` made.
    guard let place = unsafe place, let methods = unsafe file?.pointee.pMethods else { return SQLITE_IOERR }
    let image = unsafe UnsafeRawPointer(methods).assumingMemoryBound(to: Methods.self).pointee.image
    return unsafe image._withUnsafeGuaranteedRef { unsafe $0.read(Int(bytes), at: offset, into: place) } ? SQLITE_OK : SQLITE_IOERR
  }

  /// Lets go of the image. What stays attached after a fault goes with the connection, and reads from it until then.
  func detach(_ schema: String, _ connection: GRDB.Database) {
    do { try connection.execute(sql: "DETACH \(schema)") } catch { return }
    unsafe methods.pointee.image.release()
    unsafe methods.deallocate()
  }
}
