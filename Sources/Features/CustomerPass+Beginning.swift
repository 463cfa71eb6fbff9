import Buffers
import Columns

/// How a customer began: his first purchase day.
extension CustomerPass {
  /// - Parameters:
  ///   - days: his distinct purchase days.
  ///   - counts: purchases by category, zero before and after.
  mutating func appendBeginning(
    _ events: Span<Event>, _ days: Span<Int32>, _ counts: inout MutableSpan<Int32>
  ) {
    let bought = !days.isEmpty, day = bought ? days[0] : 0
    var paid: Int64 = 0, discount: Int64 = 0, list: Int64 = 0
    if bought {
      let dayEnd = (Int64(day) &+ 1) &* 86_400
      for i in events.indices {
        let event = events[i]
        if event.second >= dayEnd { break }
        if event.isRefund { continue }
        // Their sums are bounded by the customer's, which are checked.
        paid &+= event.amount
        if event.discount != PackedIntegers.null {
          discount &+= event.discount
          list &+= event.amount &+ event.discount
        }
        if event.category != 0 {
          if counts[Int(event.category)] == 0 { categoriesMet.append(event.category) }
          counts[Int(event.category)] &+= 1
        }
      }
    }
    let category = mostFrequent(categoriesMet, counts).word
    for code in categoriesMet { counts[Int(code)] = 0 }
    categoriesMet.removeAll(keepingCapacity: true)
    columns.beginnings.bought.append(bought)
    columns.beginnings.firstDay.append(day)
    columns.beginnings.firstChannel.append(columns.firstChannel.last ?? 0)
    columns.beginnings.firstCategory.append(category)
    columns.beginnings.firstOrderMinor.append(paid)
    columns.beginnings.firstDiscountShare.append(list > 0 ? Double(discount) / Double(list) : .nan)
  }
}
