import Foundation
import TestSupport
import Testing

/// A small dump in a dialect that a seed draws, and what its rows come to, computed beside.
private struct DrawnDump {
  enum Refunds: CaseIterable { case none, sign, prefix, kind }
  var name = ""
  var bytes = Data()
  var totals = SniffedShop.Totals()
  private var draws: Seeded
  private var customers: Set<Int> = []

  private mutating func draw<T>(_ choices: [T]) -> T { choices[Int(draws.next() % UInt64(choices.count))] }
  private mutating func below(_ bound: Int) -> Int { Int(draws.next() % UInt64(bound)) }
  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static let headers: [[String]] = [
    ["order_id", "customer_id", "order_date", "amount", "quantity", "unit_price", "type", "category"],
    ["Invoice No", "CustomerID", "InvoiceDate", "Total", "Qty", "UnitPrice", "Transaction Type", "Product"],
    ["Belegnr.", "Kundennummer", "Belegdatum", "Betrag", "Menge", "Einzelpreis", "Belegart", "Warengruppe"],
    ["numero_facture", "client", "date_facture", "montant", "quantite", "prix_unitaire", "type", "categorie"],
    ["Pedido", "Cliente", "Fecha", "Importe", "Cantidad", "Precio unitario", "Tipo", "Categoria"],
    ["Ordine", "Cod. Cliente", "Data", "Importo", "Quantita", "Prezzo", "Tipo", "Categoria"],
  ]

  init(seed: UInt64) {
    draws = Seeded(seed)
    let header = draw(Self.headers), delimiter = draw([",", ";", "\t", "|"]), end = draw(["\n", "\r\n", "\r"])
    let decimal = delimiter == "," ? "." : draw([".", ","]), symbol = draw(["", "", " €", "$"]), isGrouped = below(2) == 0
    let refunds = draw(Refunds.allCases), isProduct = below(2) == 0, dateStyle = below(8), misses = below(3) == 0
    let isJSON = below(4) == 0, quotes = below(3) == 0, hasIDs = refunds == .prefix || below(4) > 0
    var columns = [1, 2, 7] + (hasIDs ? [0] : []) + (isProduct ? [4, 5] : [3]) + (refunds == .kind ? [6] : [])
    columns.shuffle(using: &draws)
    var lines = isJSON ? [] : [columns.map { header[$0] }.joined(separator: delimiter)]
    for i in 0..<120 {
      let isRefund = refunds != .none && i % 7 == 3, customer = below(15), isAbsent = misses && i % 10 == 5
      let quantity = isProduct ? 1 + below(5) : 1, price = 1 + below(40) * (below(3) == 0 ? 9973 : 97)
      let sign = isRefund && refunds != .kind ? "-" : ""
      var cells = [
        refunds == .prefix && isRefund ? "C\(1000 + i)" : "\(1000 + i)", isAbsent ? "" : "\(customer * 31 + 7)", date(dateStyle),
        sign + money(price, decimal, isGrouped, symbol), sign + "\(quantity)", money(price, decimal, isGrouped, symbol),
        isRefund ? "refund" : "purchase", "\u{C4}rmel \(below(4))",
      ]
      if quotes { cells[7] = "\"\(cells[7])\(delimiter) \"\"x\"\"\"" }
      if !isAbsent {
        customers.insert(customer)
        if isRefund { totals.refunded += quantity * price } else { totals.gross += quantity * price }
      }
      if !isJSON && cells[3].contains(delimiter) { cells[3] = "\"\(cells[3])\"" }
      if !isJSON && cells[5].contains(delimiter) { cells[5] = "\"\(cells[5])\"" }
      lines.append(isJSON ? Self.json(columns, header, cells) : columns.map { cells[$0] }.joined(separator: delimiter))
    }
    totals.customers = customers.count
    let text = lines.joined(separator: isJSON ? "\n" : end) + (isJSON ? "\n" : end)
    let isLatin = !isJSON && symbol != " €" && below(3) == 0
    bytes = isLatin ? Data(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }) : Data(text.utf8)
    name = isJSON ? "dump.jsonl" : "dump.csv"
  }

  private static func json(_ columns: [Int], _ header: [String], _ cells: [String]) -> String {
    let members = columns.map { column in
      let text = cells[column].replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\t", with: "\\t")
      return "\"\(header[column].replacing(".", with: ""))\":" + (text.isEmpty ? "null" : "\"\(text)\"")
    }
    return "{\"v\":1,\"row\":{" + members.joined(separator: ",") + "}}"
  }

  private func money(_ cents: Int, _ decimal: String, _ isGrouped: Bool, _ symbol: String) -> String {
    let whole = cents / 100, mark = decimal == "." ? "," : "."
    let text = isGrouped && whole >= 1000 ? "\(whole / 1000)\(mark)\(String(1000 + whole % 1000).dropFirst())" : "\(whole)"
    return symbol == "$" ? "$" + text + decimal + Self.two(cents % 100) : text + decimal + Self.two(cents % 100) + symbol
  }

  private mutating func date(_ style: Int) -> String {
    let (month, day, hour, minute) = (1 + below(12), 1 + below(28), below(24), below(60))
    switch style {
    case 0: return "2024-\(Self.two(month))-\(Self.two(day))"
    case 1: return "2024-\(Self.two(month))-\(Self.two(day))T\(Self.two(hour)):\(Self.two(minute)):00Z"
    case 2: return "\(Self.two(day)).\(Self.two(month)).2024"
    case 3: return "\(month)/\(day)/2024 \(hour):\(Self.two(minute))"
    case 4: return "\(Self.two(day))/\(Self.two(month))/2024 \(Self.two(hour)):\(Self.two(minute)):30"
    case 5: return "2024\(Self.two(month))\(Self.two(day))"
    case 6:
      return "\(Self.two(day))-\(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1])-2024"
    default: return "\(1_700_000_000 + below(20_000_000))"
    }
  }
}

@Suite struct `Any small dialect` {
  @Test(arguments: 0..<40) func `is proposed so that a run adds up to the cent`(seed: UInt64) throws {
    let dump = DrawnDump(seed: seed)
    let shop = try SniffedShop(dump.name, dump.bytes)
    #expect(
      try shop.totals() == dump.totals,
      "\(shop.sniffed.output)\(shop.sniffed.errors)\(String(decoding: dump.bytes.prefix(300), as: UTF8.self))")
  }
}
