import Buffers
import Columns
import Dumps

/// Fixed when a store is made.
package struct StoreParameters: Sendable, Hashable {
  /// A power of two, 1…4096.
  package var bucketCount: Int
  /// IANA name; a calendar day is a day there.
  package var timeZone: String

  package init(bucketCount: Int = 64, timeZone: String = "UTC") {
    self.bucketCount = bucketCount
    self.timeZone = timeZone
  }
}

/// How many rejects a dump may hold and still be loaded: both limits must hold.
package struct RejectLimits: Sendable, Hashable {
  package var rowsMax: Int64
  /// Of the rows read, 0…1.
  package var shareMax: Double

  package init(rowsMax: Int64 = 0, shareMax: Double = 1) {
    self.rowsMax = rowsMax
    self.shareMax = shareMax
  }
}

package struct ExtractOptions: Sendable {
  package var mapping: TransactionMapping
  package var dialect: Dialect
  package var limits: RejectLimits
  package var checks = DumpChecks()
  package var threads: Int
  /// nil: ids are stored as the dumps write them.
  package var pseudonyms: Pseudonyms?
  /// nil: all dumps are in one currency.
  package var rates: ExchangeRates?
  /// Other bytes under a known name replace the old segment instead of being an error.
  package var replace: Bool
  /// Dumps loaded with another mapping are read again instead of stopping the run.
  package var reload: Bool
  /// Dumps whose segments are damaged or gone are read again.
  package var rebuild = false
  /// The same text compressed anew is loaded all the same.
  package var allowSameText: Bool
  /// Errors may name values of the dumps.
  package var showValues: Bool
  package var runID: String

  package init(
    mapping: TransactionMapping, dialect: Dialect = Dialect(), limits: RejectLimits = RejectLimits(), threads: Int,
    pseudonyms: Pseudonyms? = nil, replace: Bool = false, reload: Bool = false, allowSameText: Bool = false, showValues: Bool = false,
    runID: String
  ) {
    self.mapping = mapping
    self.dialect = dialect
    self.limits = limits
    self.threads = threads
    self.pseudonyms = pseudonyms
    self.replace = replace
    self.reload = reload
    self.allowSameText = allowSameText
    self.showValues = showValues
    self.runID = runID
  }
}

package struct ExtractProgress: Sendable {
  package var filesDone: Int
  package var filesTotal: Int
  /// Compressed bytes.
  package var bytesDone: Int64
  package var bytesTotal: Int64
  package var rowsRead: Int64
}

/// What `extract` did with one dump.
package struct DumpOutcome: Sendable {
  package enum Kind: Sendable, Equatable {
    case loaded
    /// Same path, device, inode, size and times as when it was loaded: not even opened.
    case unchanged
    /// The same bytes are already there under this name.
    case sameBytes(as: String)
    /// The old segment of this path was withdrawn.
    case replaced
    /// Modified a moment ago: left for the next run.
    case unsettled
    /// Rejects of a loaded dump, repaired: its rows were added to the dump's.
    case repaired
    /// Over the reject limit, or against another check; nothing of it was stored.
    case refused
    /// Corrupt or unreadable; nothing of it was stored.
    case failed
  }
  package var path: String
  package var kind: Kind
  package var load: LoadRecord?
  /// The first rejects of a loaded or refused dump, in the order of the dump.
  package var rejects: [Reject]
  /// Columns that no dump before had and nothing maps.
  package var newColumns: [String] = []
  /// What somebody should know of it, though nothing is wrong.
  package var notes: [String] = []
  /// Keys of JSON Lines that no field asks for, and in how many rows they stood.
  package var unmappedKeys: [JSONPaths.Unmapped] = []
  /// Why it was refused or failed.
  package var error: PipelineError?
}

package struct ExtractReport: Sendable {
  /// In the order of the paths given.
  package var outcomes: [DumpOutcome]
}
