import Dumps

/// The feed of exchange rates, resolved.
package struct RatesFeed: Sendable, Hashable {
  package var dumps: [PipelinePath] = []
  package var columns = RateColumns()
  package var ageMaxDays = 7
}

extension RatesFeed {
  init(_ written: WrittenRates, folder: String) {
    dumps = (written.dumps ?? []).map { PipelinePath($0, from: folder) }
    columns.date = written.date ?? columns.date
    columns.currency = written.currency ?? columns.currency
    columns.rate = written.rate ?? columns.rate
    ageMaxDays = written.ageMaxDays ?? ageMaxDays
  }
}
