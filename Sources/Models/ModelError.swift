import Foundation

/// Why a model could not be fitted.
package struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  package init(message: String) { self.message = message }
  package var description: String { message }
}

/// To so many digits behind the point, for messages.
package func shown(_ value: Double, _ digits: Int) -> String {
  let scale = pow(10, Double(digits))
  return value.isFinite && abs(value) < 1e12 ? "\((value * scale).rounded() / scale)" : "\(value)"
}
