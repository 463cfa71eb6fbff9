import Dumps

/// What a feed of transactions is where its pipeline file does not say.
enum TransactionDefaults {
  static let mapping = TransactionMapping()
  static let dialect = Dialect()
  static let currency = "USD"
}
