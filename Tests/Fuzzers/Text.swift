import Buffers
import Columns
import Dumps

private let plain = TransactionMapping()

/// Names of one letter, so that inputs are short; quantity × price, marks, signs, patterns, defaults.
private let rich: TransactionMapping = {
  var mapping = TransactionMapping(
    transactionID: "i", customerID: "c", occurredAt: "t", amount: nil, quantity: "q", unitPrice: "p", discount: nil, cost: nil,
    category: "g.h", channel: nil, kind: nil, refunds: .sign, skipsRowsWithoutCustomer: true, identity: ["transaction_id", "line"])
  mapping.numbers = NumberFormat(
    decimalSeparator: UInt8(ascii: ","), thousandsSeparator: ".", symbols: ["€"], hasTrailingMinus: true, hasParentheses: true)
  mapping.rules = [.category: FieldRule(otherwise: "none")]
  return mapping
}()

private let timeFormats: [TimeFormat] = [.iso, .epochSeconds, .epochMillis]
private let zone: ZoneTable = {
  guard let zone = ZoneTable(name: "Europe/Berlin") else { fatalError("no time zone data") }
  return zone
}()

/// The dialect and mapping that an input is read with: chosen by its length, so that every seed is an input as it stands.
private func options(_ byteCount: Int, asJSON: Bool) -> ReaderOptions {
  var mapping = byteCount % 2 == 0 ? plain : rich
  var dialect = Dialect(format: asJSON ? .jsonLines : .csv, fieldBytesMax: 300)
  if byteCount % 2 == 1 {
    mapping.times.format = timeFormats[byteCount / 2 % 3]
    dialect.encoding = asJSON ? .utf8 : TextEncoding.allCases[byteCount / 6 % TextEncoding.allCases.count]
    dialect.delimiter = UInt8(ascii: ";")
    (dialect.isTrimmed, dialect.nulls) = (true, ["0"])
  }
  return ReaderOptions(mapping: mapping, dialect: dialect, zone: zone, bucketCount: 2, key: HashKey(k0: 1, k1: 2))
}

/// All that a reader made of a text.
private struct Reading: Equatable {
  var numbers: [Int64] = []
  var texts: [UInt8] = []
  var rejects: [Reject] = []
  var counts: [Int64] = []
  var rowsKept = 0
  var error = ""
}

private func read(_ path: String, _ options: ReaderOptions, pipelined: Bool) -> Reading {
  var reading = Reading()
  // Stripes cut a bucket's rows at different places, so buckets are put together first.
  var buckets = [Reading](repeating: Reading(), count: options.bucketCount)
  do throws(PipelineError) {
    let reader = try TransactionReader(path: path, options: options, pipelined: pipelined)
    let facts = try reader.read(
      progress: { _ in },
      flush: { stripe in
        reading.rowsKept += stripe.rowCount
        for b in buckets.indices {
          for column in [stripe.times, stripe.lines, stripe.amounts] {
            column.withBucket(b) { values in
              require(values.count == stripe.times.count(b), "columns differ in length")
              for i in values.indices { buckets[b].numbers.append(values[i]) }
            }
          }
          for column in [stripe.customers, stripe.ids] {
            column.withBucket(b) { bytes, lengths in
              buckets[b].texts += copyBytes(bytes)
              for i in lengths.indices { buckets[b].counts.append(Int64(lengths[i])) }
            }
          }
        }
      })
    for bucket in buckets {
      // With a stripe a batch the columns come in turns: compared as sets of values.
      reading.numbers += bucket.numbers.sorted()
      reading.texts += bucket.texts.sorted()
      reading.counts += bucket.counts.sorted()
    }
    reading.rejects = reader.rejects
    reading.counts += [reader.rowsRead, reader.rowsRejected, reader.rowsFiltered, facts.textBytes, Int64(facts.textCRC)]
    require(
      reader.rowsRead == Int64(reading.rowsKept) + reader.rowsRejected + reader.rowsFiltered,
      "\(reader.rowsRead) rows read, \(reading.rowsKept) + \(reader.rowsRejected) + \(reader.rowsFiltered) accounted for")
    for reject in reader.rejects {
      require(!reject.reason.isEmpty && reject.line > 0, "a reject without a reason or line")
      require(reject.byteOffset >= 0 && reject.byteOffset < facts.textBytes, "a reject at byte \(reject.byteOffset) of \(facts.textBytes)")
      require(reject.raw.count <= 4096, "a reject keeps \(reject.raw.count) bytes")
    }
  } catch {
    reading = Reading()
    reading.error = "\(error.message) \(error.details) \(error.fix)"
    require(error.message.hasPrefix(path), "an error without the dump's name: \(error.message)")
    require(!error.fix.isEmpty, "an error without a fix: \(error.message)")
  }
  return reading
}

/// Every row is loaded, rejected or filtered, and it does not matter how the text is cut into pieces, nor on how many threads it is read.
func fuzzText(_ bytes: [UInt8], asJSON: Bool) {
  let path = write(bytes, asJSON ? "dump.jsonl" : "dump.csv")
  var options = options(bytes.count, asJSON: asJSON)
  let whole = read(path, options, pipelined: false)
  // A byte order mark is looked for in the first piece.
  options.pieceBytes = 5 + bytes.count % 251
  options.stripeRowsMax = 1
  let cut = read(path, options, pipelined: bytes.count % 16 == 0)
  require(whole == cut, "in pieces of \(options.pieceBytes) bytes: \(cut)\nin one: \(whole)")
}
