import Buffers

/// How a dump's text is laid out: CSV by RFC 4180 with this delimiter and quote, or JSON Lines.
package struct Dialect: Sendable, Hashable {
  package enum Format: String, Sendable, Hashable, CaseIterable {
    /// JSON Lines where the file's name ends in .jsonl or .ndjson, before a .gz, else CSV.
    case auto
    case csv
    case jsonLines = "jsonl"
  }
  package var format: Format
  package var encoding: TextEncoding
  package var delimiter: UInt8
  package var quote: UInt8
  /// Spaces and tabs around values go.
  package var isTrimmed: Bool
  /// Texts that stand for nothing, as an empty field does.
  package var nulls: [String]
  /// A longer field is a reject, and a longer row is an error.
  package var fieldBytesMax: Int

  package init(
    format: Format = .auto, encoding: TextEncoding = .utf8, delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8 = UInt8(ascii: "\""),
    isTrimmed: Bool = false, nulls: [String] = [], fieldBytesMax: Int = 1 << 20
  ) {
    self.format = format
    self.encoding = encoding
    self.delimiter = delimiter
    self.quote = quote
    self.isTrimmed = isTrimmed
    self.nulls = nulls
    self.fieldBytesMax = fieldBytesMax
  }

  package func isJSON(_ path: String) -> Bool {
    switch format {
    case .csv: return false
    case .jsonLines: return true
    case .auto:
      let name = path.lowercased(), stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      return stem.hasSuffix(".jsonl") || stem.hasSuffix(".ndjson")
    }
  }
}

/// How times are written, and where the clock hung that they were read from when they name no offset.
package struct TimeReading: Sendable, Hashable {
  package var format: TimeFormat
  /// IANA name; nil: the pipeline's time zone.
  package var zone: String?

  package init(format: TimeFormat = .iso, zone: String? = nil) {
    self.format = format
    self.zone = zone
  }
}

/// How one field differs from what holds for all.
package struct FieldRule: Sendable, Hashable {
  /// Stands in every row; the dumps have no such column.
  package var constant: String?
  /// Stands where a row has nothing.
  package var otherwise: String?
  package var numbers: NumberFormat?
  package var times: TimeReading?

  package init(constant: String? = nil, otherwise: String? = nil, numbers: NumberFormat? = nil, times: TimeReading? = nil) {
    self.constant = constant
    self.otherwise = otherwise
    self.numbers = numbers
    self.times = times
  }
}

/// What makes a row a refund.
package enum RefundRule: Sendable, Hashable {
  /// The kind column; amounts are written without sign.
  case kind
  /// A negative amount; its magnitude is what was refunded.
  case sign
  /// A transaction id that begins so; amounts are written with or without sign there, and without elsewhere.
  case idPrefix([String])
}
