/// Numbers one at a time, read by the rules that whole columns are read by: for looking at a sample, not for loading.
package struct NumberReading {
  package let format: NumberFormat
  private let marks: NumberMarks
  private let fractionDigits: Int

  package init(_ format: NumberFormat, fractionDigits: Int, takesExponents: Bool = false) {
    precondition((0...6).contains(fractionDigits))
    self.format = format
    self.fractionDigits = fractionDigits
    marks = NumberMarks(format, takesExponents: takesExponents)
  }

  /// Whole units of 10^−`fractionDigits`; nil for what is no such number, or has more decimals than that.
  package func value(_ bytes: ArraySlice<UInt8>) -> Int64? {
    // Safety: reads the slice's own bytes for the time of the call.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      if buffer.isEmpty { return nil }
      guard case .success(let value) = unsafe FieldBatch.number(buffer, marks, fractionDigits) else { return nil }
      return value
    }
  }
}

extension TimeFormat {
  /// Seconds since 1970 of one text, local ones where it names no offset; nil for what is no such time.
  package func seconds(_ bytes: ArraySlice<UInt8>) -> (seconds: Int64, isLocal: Bool)? {
    // Safety: reads the slice's own bytes for the time of the call.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      if buffer.isEmpty { return nil }
      let result =
        switch self {
        case .iso: unsafe FieldBatch.slowTime(buffer)
        case .pattern(let pattern): unsafe FieldBatch.time(buffer, pattern.elements)
        case .epochSeconds: unsafe FieldBatch.epoch(buffer, perSecond: 1)
        case .epochMillis: unsafe FieldBatch.epoch(buffer, perSecond: 1000)
        }
      guard case .success(let time) = result else { return nil }
      return (time.seconds, time.isLocal)
    }
  }
}
