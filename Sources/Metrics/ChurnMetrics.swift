import Columns
import Features

/// The months from the first event to the as-of day, each with its opening and closing.
package func churnMetrics(_ features: FeatureSet) -> [ChurnMonth] {
  let partials = features.partials
  var months: [ChurnMonth] = [], closing: Int64 = 0
  for (i, new) in partials.new.enumerated() {
    var month = ChurnMonth(month: partials.firstMonth + Int32(i))
    month.isComplete = features.asOf + 1 >= Day.first(ofMonth: month.month + 1)
    month.opening = closing
    month.new = new
    month.regained = partials.regained[i]
    month.lost = partials.lost[i]
    closing += month.new + month.regained - month.lost
    month.closing = closing
    month.lostOfOpening = partials.lostOfOpening[i]
    month.lostForAWhile = partials.lostForAWhile[i]
    month.active = partials.active[i]
    month.purchases = partials.purchases[i]
    month.refunds = partials.refunds[i]
    month.grossMinor = partials.grossMinor[i]
    month.netMinor = partials.grossMinor[i].subtractingReportingOverflow(partials.refundedMinor[i]).partialValue
    month.formerNetMinor = partials.formerNetMinor[i]
    month.retainedNetMinor = partials.retainedNetMinor[i]
    month.contractedMinor = partials.contractedMinor[i]
    // Days before the first event, which only the widened range of the months brought in, are no months of the business.
    if months.isEmpty && month.active == 0 && month.purchases == 0 && month.refunds == 0 { continue }
    months.append(month)
  }
  return months
}
