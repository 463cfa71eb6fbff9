import Columns

package struct TransformOptions: Sendable, Hashable {
  /// Events whose local day is later are invisible.
  package var asOf: Day
  package var threads: Int
  /// nil: lost after L = 2 H days within 60…365; a number fixes L for all customers.
  package var churnHorizonDays: Int?
  /// Used for H where neither the customer nor his category nor anyone has a gap.
  package var rhythmDaysDefault: Int
  /// Columns of the customer table that are asked for; nil: all. `customer_id` and what `score` reads are always there.
  package var columns: Set<String>?
  /// Of the customers one in so many, a power of two: those whose hash, by whose last bits buckets are told apart, ends in zeros. What is
  /// estimated of all customers, the rhythms of categories, is then that of the sample.
  package var sampledOneIn = 1
  /// Whether how customers began is asked for beside the table.
  package var beginnings = false
  /// nil: nothing asks how often customers pay.
  package var contract: ContractWish?
  /// Whether tenures end with contracts even where the transactions are not like those of contracts.
  package var requiresContracts = false

  package init(asOf: Day, threads: Int, churnHorizonDays: Int? = nil, rhythmDaysDefault: Int = 90, columns: Set<String>? = nil) {
    self.asOf = asOf
    self.threads = threads
    self.churnHorizonDays = churnHorizonDays
    self.rhythmDaysDefault = rhythmDaysDefault
    self.columns = columns
  }
}
