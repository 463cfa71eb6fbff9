import Columns
import Features
import Models
import Scores

/// A pipeline file as written: nil is a key that is not there.
struct WrittenPipeline {
  enum AsOf: Sendable, Hashable {
    case latest
    case day(Day)
  }
  enum Horizon {
    case auto
    case days(Int)
  }
  enum Published {
    case all
    case names([String])
  }
  var name: String?
  var asOf: AsOf?
  var asOfJumpDaysMax: Int?
  var timeZone: String?
  var state: String?
  var runsKeep: Int?
  var retention: WrittenNullable?
  var threads: Int?
  var storeBuckets: Int?
  var transactions = WrittenTransactions()
  var rates = WrittenRates()
  var rhythmDaysDefault: Int?
  var churnHorizon: Horizon?
  var tenure: TenureWish?
  var value = WrittenValue()
  var outputDatabase: String?
  var outputMode: UInt16?
  var outputGroup: WrittenNullable?
  var publishColumns: Published?
}

/// The section `value` as written.
struct WrittenValue {
  enum Margin {
    case auto
    case share(Double)
  }
  enum Model {
    case auto
    case named(PurchaseModelName)
    /// sBG.
    case contracts
  }
  var model: Model?
  var contract: ContractWish?
  var covariates: [Covariate]?
  var learned: LearnedMethod?
  var risk: RiskSource?
  var fit: FitCadence?
  var driftLimit: Double?
  var riskHorizonDays: Int?
  var clvHorizonDays: Int?
  var clvStepDays: Int?
  var discountPerYear: Double?
  var margin: Margin?
  var tiers: [Double]?
}

/// The section `feeds.transactions` as written.
struct WrittenTransactions {
  var dumps: [String]?
  /// By our field's name.
  var columns: [String: WrittenNullable] = [:]
  var purchaseKinds: [String]?
  var refundKinds: [String]?
  var identity: [String]?
  var delimiter: UInt8?
  var quote: UInt8?
  var fieldBytesMax: Int?
  var currency: String?
  var currencyColumn: String?
  var currencyDefault: String?
  var pseudonymizedFields: [String]?
  var pseudonymKeyFile: WrittenNullable?
  var rejectRowsMax: Int64?
  var rejectShareMax: Double?
  var checks = WrittenChecks()
  var dialect = WrittenDialect()
}

/// What a feed's dumps must be to be loaded, and how old its newest transaction may be, as written.
struct WrittenChecks {
  /// Seconds; 0: off.
  var settle: Int64?
  var allowsEmpty: Bool?
  var rowsMin: Int64?
  var freshnessWarn: TimeSpan?
  var freshnessFail: TimeSpan?
  var freezesColumns: Bool?
}

/// The section `feeds.rates` as written.
struct WrittenRates {
  var dumps: [String]?
  var date: String?
  var currency: String?
  var rate: String?
  var ageMaxDays: Int?
}
