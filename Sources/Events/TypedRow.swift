import Buffers
import Columns

/// A row by its values, for the comparison of repeats.
struct TypedRow {
  var place: RowPlace
  /// Of its segment, and that part's place among all loads by SHA-256.
  var part: Int
  var load: Int
  var update: Int64
  var customer: [UInt8]
  /// Time, kind, amount, discount, cost; NULL is smallest.
  var numbers: [Int64]
  var category: [UInt8]
  var channel: [UInt8]

  init?(_ place: RowPlace, _ segment: SegmentReader, part: Int, load: Int, bucket: Int, index: Int) throws(PipelineError) {
    let stripe = place.stripe
    guard let code = segment.value(stripe, bucket, .customers, index), code >= 0,
      let customer = try segment.customerID(stripe, bucket, Int(code)),
      let time = segment.value(stripe, bucket, .times, index), let kind = segment.value(stripe, bucket, .kinds, index),
      let amount = segment.value(stripe, bucket, .amounts, index)
    else { return nil }
    func optional(_ block: SegmentFormat.Block, _ isThere: Bool) -> Int64 {
      isThere ? segment.value(stripe, bucket, block, index) ?? PackedIntegers.null : PackedIntegers.null
    }
    func word(_ block: SegmentFormat.Block, _ isThere: Bool, _ words: [String]) -> [UInt8] {
      let code = isThere ? segment.value(stripe, bucket, block, index) ?? 0 : 0
      return words.indices.contains(Int(code)) ? Array(words[Int(code)].utf8) : []
    }
    (self.place, self.part, self.load) = (place, part, load)
    self.customer = customer
    update = optional(.updates, segment.meta.hasUpdates)
    numbers = [time, kind, amount, optional(.discounts, segment.hasDiscount), optional(.costs, segment.hasCost)]
    category = word(.categories, segment.hasCategory, segment.categories)
    channel = word(.channels, segment.hasChannel, segment.channels)
  }

  /// Whether `a` stands against `b`: newer, else smaller; among equals the dump, then the place in it, which changes no value,
  /// only which row is named.
  static func stands(_ a: TypedRow, _ b: TypedRow) -> Bool {
    if a.update != b.update { return a.update > b.update }
    if a.customer != b.customer { return a.customer.lexicographicallyPrecedes(b.customer) }
    if a.numbers != b.numbers { return a.numbers.lexicographicallyPrecedes(b.numbers) }
    if a.category != b.category { return a.category.lexicographicallyPrecedes(b.category) }
    if a.channel != b.channel { return a.channel.lexicographicallyPrecedes(b.channel) }
    return (a.load, a.place.stripe, a.place.row) < (b.load, b.place.stripe, b.place.row)
  }

  func differences(from other: TypedRow) -> [String] {
    var names: [String] = []
    if update != other.update { names.append("updated_at") }
    if customer != other.customer { names.append("customer_id") }
    for (i, name) in ["occurred_at", "kind", "amount", "discount", "cost"].enumerated() where numbers[i] != other.numbers[i] {
      names.append(name)
    }
    if category != other.category { names.append("category") }
    if channel != other.channel { names.append("channel") }
    return names
  }
}
