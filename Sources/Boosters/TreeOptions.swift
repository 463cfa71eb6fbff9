/// Why trees could not be grown or read.
package struct BoosterError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  package var description: String { message }

  package init(_ message: String) { self.message = message }
}

/// How trees are grown.
package struct TreeOptions: Sendable, Hashable, Codable {
  package var rounds = 300
  package var depthMax = 4
  package var learningRate = 0.05
  /// Sum of p(1 − p) that a leaf must hold: about four times as many customers.
  package var childWeightMin = 10.0
  /// Penalty on the squares of the leaves' values.
  package var lambda = 1.0

  package init() {}
}
