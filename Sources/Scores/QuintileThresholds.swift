import Features

/// How a score of 1…5 came about: the feature that is ranked, and the four values that part the scores.
package struct QuintileThresholds: Sendable {
  package var score: String
  package var feature: String
  /// The score is 1 + the number of these that are smaller than the customer's value; none where nobody has bought.
  package var values: [Int64]
}

/// The three scores of RFM, each from its feature over all customers with a purchase.
package func rfmThresholds(_ features: FeatureSet) -> [QuintileThresholds] {
  let table = features.customers, bought = table["last_purchase"]?.isPresent
  return [("rfm_recency", "last_purchase"), ("rfm_frequency", "frequency"), ("rfm_monetary", "net_minor")].map { score, feature in
    let all: [Int64] =
      switch table[feature]?.values {
      case .int32(let values)?: values.map(Int64.init)
      case .int64(let values)?: values
      default: []
      }
    let values = bought.map { flags in all.indices.filter { flags[$0] }.map { all[$0] } } ?? all
    return QuintileThresholds(score: score, feature: feature, values: quintileThresholds(values))
  }
}
