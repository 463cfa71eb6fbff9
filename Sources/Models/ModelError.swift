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

/// To just so many digits behind the point, `0.30`, for measures that are read one beside the other.
package func fixed(_ value: Double, _ digits: Int) -> String {
  let text = shown(value, digits), parts = text.split(separator: ".")
  guard parts.count == 2, let last = parts.last, last.allSatisfy(\.isNumber), last.count < digits else { return text }
  return text + String(repeating: "0", count: digits - last.count)
}
