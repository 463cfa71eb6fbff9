import Buffers
import Columns

/// Lines of the transactions feed as text.
struct TransactionText {
  private let feed: TransactionFeed
  private var block = TextBlock()
  /// Rows come by time, so the day is seldom a new one.
  private var dayNumber = Int32.min
  private var dayText: [UInt8] = []

  init(_ feed: TransactionFeed) { self.feed = feed }

  static let header = Array("transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n".utf8)

  var isFull: Bool { block.isFull }

  mutating func flush(to writer: GzipWriter) throws(SystemFault) { try block.flush(to: writer) }

  /// A row of the timeline, as it should be.
  mutating func append(row: Int, counting truth: inout DumpTruth) {
    let amount = append(row: row, transaction: row + 1, flaw: nil)
    if feed.timeline.isRefund(row: row) {
      truth.refunds += 1
      truth.netMinor -= amount
    } else {
      truth.purchases += 1
      truth.netMinor += amount
    }
  }

  /// A row too many: a duplicate, or a malformed one.
  mutating func append(_ extra: RowFaults.Extra, counting truth: inout DumpTruth) {
    let isMalformed = extra.flaw != nil
    let transaction = isMalformed ? feed.plan.rows + 1 + Int(extra.number) : Int(extra.source) + 1
    _ = append(row: Int(extra.source), transaction: transaction, flaw: extra.flaw)
    if isMalformed { truth.malformed += 1 } else { truth.duplicates += 1 }
  }

  /// Returns the row's amount in minor units.
  private mutating func append(row: Int, transaction: Int, flaw: Flaw?) -> Int {
    let purchase = feed.timeline.purchase(ofRow: row)
    let customer = Int(feed.timeline.customers[purchase])
    let sale = Sale(
      purchase: purchase, preferredChannel: feed.preferredChannels[customer], amount: feed.amount(ofPurchase: purchase), feed.sales)
    block.put("T")
    block.put(transaction, digits: feed.transactionDigits)
    block.put(",")
    block.put("C")
    block.put(customer, digits: feed.customerDigits)
    block.put(",")
    putTime(Int(feed.timeline.seconds(ofRow: row)), flaw)
    block.put(",")
    putAmount(sale.amount, flaw)
    putRest(of: sale, isRefund: feed.timeline.isRefund(row: row), flaw)
    block.put("\n")
    return sale.amount
  }

  /// - Parameter seconds: since the start of the window.
  private mutating func putTime(_ seconds: Int, _ flaw: Flaw?) {
    let day = feed.plan.start + seconds / 86_400
    if day.number != dayNumber {
      dayNumber = day.number
      dayText = Array(day.description.utf8)
    }
    switch flaw {
    case .notADate:
      block.put("not-a-date".utf8)
      return
    case .impossibleDate:
      block.put(dayText.prefix(4))
      block.put("-13-45".utf8)
    default:
      block.put(dayText)
    }
    block.put(secondOfDay: seconds % 86_400)
  }

  private mutating func putAmount(_ amount: Int, _ flaw: Flaw?) {
    switch flaw {
    case .notANumber: block.put("N/A".utf8)
    case .twoPoints: block.put("12.3.4".utf8)
    case .emptyAmount: break
    default: block.put(money: amount)
    }
  }

  /// All behind the amount.
  private mutating func putRest(of sale: Sale, isRefund: Bool, _ flaw: Flaw?) {
    if flaw == .fourFields { return }
    block.put(",")
    block.put(money: sale.discount)
    block.put(",")
    block.put(money: sale.cost)
    block.put(",")
    block.put(Categories.names[Int(sale.category)])
    if flaw == .sevenFields { return }
    block.put(",")
    block.put(Channels.names[Int(sale.channel)])
    block.put(",")
    block.put(isRefund ? Self.refund : Self.purchase)
  }

  private static let purchase = Array("purchase".utf8)
  private static let refund = Array("refund".utf8)
}
