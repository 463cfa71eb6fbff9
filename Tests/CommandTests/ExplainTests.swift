import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// A purchase of CDNOW, read from its dump by text tools alone.
private struct Purchase {
  var dump: String
  var line: Int
  var id: String
  var customer: String
  var day: String
  var cents: Int

  static func all(in folder: String) throws -> [Purchase] {
    let names = try FileManager.default.contentsOfDirectory(atPath: root + "/fixtures/cdnow").filter { $0.hasSuffix(".csv.gz") }.sorted()
    return try names.flatMap { name in
      let path = root + "/fixtures/cdnow/" + name
      let text = try Holdfast.shell("gzip -dc '\(path)'", in: folder).output
      return text.split(separator: "\n").enumerated().dropFirst().map { number, line in
        let fields = line.split(separator: ",")
        let cents = Int((Double(fields[3]) ?? .nan) * 100 + 0.5)
        return Purchase(
          dump: name, line: number + 1, id: String(fields[0]), customer: String(fields[1]), day: String(fields[2]), cents: cents)
      }
    }
  }
}

/// What the README defines, computed in the most obvious way.
private struct History {
  var lastDay = ""
  var frequency = 0
  var net = 0

  init(_ purchases: [Purchase]) {
    let days = Set(purchases.map(\.day))
    (lastDay, frequency, net) = (days.max() ?? "", days.count - 1, purchases.reduce(0) { $0 + $1.cents })
  }
}

private func days(_ from: String, _ to: String) -> Int {
  let format = Date.ISO8601FormatStyle().year().month().day()
  guard let a = try? format.parse(from), let b = try? format.parse(to) else { return -1 }
  return Int((b.timeIntervalSince(a) / 86_400).rounded())
}

@Suite struct `Explaining a customer` {
  private func values(_ list: Any?) -> [String: [String: Any]] {
    let pairs = (list as? [[String: Any]] ?? []).map { ($0["name"] as? String ?? "", $0) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private func events(_ shop: Shop, _ arguments: String) throws -> [[String: Any]] {
    let result = try Holdfast.shell("holdfast explain shop.yaml \(arguments) --json", in: shop.folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try shop.json(result.output)["events"] as? [[String: Any]] ?? []
  }

  @Test(arguments: ["1997-09-30", "1998-06-30"])
  func `shows figures of CDNOW that equal those computed from the dumps, and lines where they stand`(asOf: String) throws {
    let shop = try Shop()
    let flags = "'\(root)/pipelines/cdnow.yaml' --state state"
    #expect(try Holdfast.shell("holdfast extract \(flags) --quiet", in: shop.folder).status == 0)
    let everything = try Purchase.all(in: shop.folder)
    #expect(everything.count == 69_659)
    let everybody = Dictionary(grouping: everything, by: \.customer)
    let histories = everybody.mapValues { History($0.filter { $0.day <= asOf }) }
    let busiest = try #require(everybody.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.key)
    for id in ["00001", "00004", "00024", busiest] {
      let result = try Holdfast.shell("holdfast explain \(flags) --as-of \(asOf) --json \(id)", in: shop.folder)
      #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
      let facts = try shop.json(result.output)
      #expect(facts["customer_id"] as? String == id && facts["as_of"] as? String == asOf)

      let his = try #require(everybody[id]), visible = his.filter { $0.day <= asOf }
      let shown = try #require(facts["events"] as? [[String: Any]])
      #expect(shown.count == his.count)
      #expect(shown.count { $0["state"] as? String == "counts" } == visible.count)
      #expect(shown.count { $0["state"] as? String == "not_yet" } == his.count - visible.count)
      for event in shown {
        let place = try #require(event["place"] as? [String: Any])
        let purchase = try #require(his.first { $0.id == event["transaction_id"] as? String })
        #expect((place["dump"] as? String)?.hasSuffix("/" + purchase.dump) == true && place["line"] as? Int == purchase.line)
        #expect(event["day"] as? String == purchase.day && event["amount_minor"] as? Int == purchase.cents)
      }

      let features = values(facts["features"]), history = try #require(histories[id])
      let first = try #require(visible.map(\.day).min())
      func integer(_ name: String) -> Int? { features[name]?["value"] as? Int }
      #expect(features["first_purchase"]?["value"] as? String == first)
      #expect(features["last_purchase"]?["value"] as? String == history.lastDay)
      #expect(integer("frequency") == history.frequency && integer("purchases") == visible.count)
      #expect(integer("tenure_days") == days(first, asOf) && integer("recency_days") == days(first, history.lastDay))
      #expect(integer("gross_minor") == history.net && integer("net_minor") == history.net)
      #expect(features["cost_minor"]?["value"] is NSNull && (features["cost_minor"]?["null_when"] as? String)?.isEmpty == false)
      #expect(features.values.allSatisfy { ($0["meaning"] as? String)?.isEmpty == false })

      let scores = values(facts["scores"])
      let smaller = [
        histories.values.count { $0.lastDay < history.lastDay }, histories.values.count { $0.frequency < history.frequency },
        histories.values.count { $0.net < history.net },
      ]
      for (name, smaller) in zip(["rfm_recency", "rfm_frequency", "rfm_monetary"], smaller) {
        let expected = 1 + 5 * smaller / histories.count
        let basis = try #require(scores[name]?["basis"] as? [String: Any])
        #expect(scores[name]?["value"] as? Int == expected, "\(name) of \(id)")
        // The thresholds, which are days or numbers, say the same.
        let thresholds = try #require(basis["thresholds"] as? [Any])
        let passed = thresholds.count { threshold in
          if let day = threshold as? String { return day < history.lastDay }
          return (threshold as? Int ?? 0) < (basis["value"] as? Int ?? 0)
        }
        #expect(thresholds.count == 4 && 1 + passed == expected, "\(name) of \(id)")
      }
      #expect((scores["rfm_segment"]?["value"] as? String)?.isEmpty == false)
    }
  }

  @Test func `fits a page of 80 columns, leaves no trace and is silent on standard error`() throws {
    let shop = try Shop()
    let flags = "'\(root)/pipelines/cdnow.yaml' --state state"
    #expect(try Holdfast.shell("holdfast extract \(flags) --quiet", in: shop.folder).status == 0)
    let before = (shop.files("state"), shop.files("state/runs"))
    let result = try Holdfast.shell("holdfast explain \(flags) 00004", in: shop.folder)
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.first == "holdfast · cdnow · customer 00004 · as of 1998-06-30")
    #expect(lines.contains { $0.hasPrefix("  frequency ") && $0.contains(" 3  x: distinct purchase days − 1") })
    #expect(lines.contains("Events: 4 rows of dumps, 4 count"))
    #expect(lines.contains("  no value, since no purchase of the customer names a channel:"))
    #expect(shop.files("state") == before.0 && shop.files("state/runs") == before.1)
  }

  @Test func `tells which row counts where a transaction was delivered twice`() throws {
    let header = "transaction_id,customer_id,occurred_at,amount,discount,cost,category,channel,kind\n"
    let again = """
      t1,anna,2024-01-05T10:00:00Z,10.00,0.00,4.00,books,web,purchase
      t2,anna,2024-03-05T10:00:00Z,15.00,1.00,8.00,music,web,purchase
      t3,anna,2024-03-06T10:00:00Z,5.00,0.00,2.00,books,shop,purchase

      """
    let shop = try Shop(dumps: ["a.csv": Shop.rows, "b.csv": header + again])
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    let events = try events(shop, "anna")
    func state(_ id: String, _ line: Int, _ dump: String) throws -> (String, [String: Any]?, [String]) {
      let event = try #require(
        events.first {
          let place = $0["place"] as? [String: Any]
          return $0["transaction_id"] as? String == id && place?["line"] as? Int == line && place?["dump"] as? String == dump
        })
      return (event["state"] as? String ?? "", event["stands"] as? [String: Any], event["differs"] as? [String] ?? [])
    }
    #expect(events.count == 5)
    // Of two identical rows either may be named.
    let twins = [try state("t1", 2, "dumps/a.csv"), try state("t1", 2, "dumps/b.csv")]
    #expect(twins.map(\.0).sorted() == ["counts", "duplicate"])
    // The smaller amount stands; the row of the other customer too, whose name comes later, does not.
    let superseded = try state("t2", 3, "dumps/a.csv")
    #expect(superseded.0 == "superseded" && superseded.2 == ["amount"])
    #expect(superseded.1?["dump"] as? String == "dumps/b.csv" && superseded.1?["line"] as? Int == 3)
    #expect(try state("t2", 3, "dumps/b.csv").0 == "counts" && state("t3", 4, "dumps/b.csv").0 == "counts")
    let berta = try self.events(shop, "berta")
    #expect(berta.map { $0["state"] as? String } == ["superseded", "counts"])
    #expect(berta.first?["differs"] as? [String] == ["customer_id"])
    let page = try shop.run("explain", "shop.yaml", "berta").output
    #expect(page.contains("└ superseded by ") && page.contains("they differ in customer_id"))
    #expect(page.contains("Events: 2 rows of dumps, 1 counts"))
  }

  @Test func `takes ids with odd characters, and keeps commands off the terminal`() throws {
    let id = "o'neil \u{202E}\u{1B}[31m, \"ü\""
    let row = "t9,\"\(id.replacing("\"", with: "\"\""))\",2024-01-05T10:00:00Z,10.00,0.00,4.00,\"b\u{7F}ks\",web,purchase\n"
    let shop = try Shop(dumps: ["a.csv": Shop.rows + row])
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    let json = try shop.run("explain", "shop.yaml", id, "--json")
    #expect(json.status == 0, "\(json.errors)")
    let facts = try shop.json(json.output)
    #expect(facts["customer_id"] as? String == id)
    #expect((facts["events"] as? [[String: Any]])?.first?["category"] as? String == "b\u{7F}ks")
    let page = try shop.run("explain", "shop.yaml", id)
    for output in [json.output, page.output] {
      #expect(!output.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x7F || $0.value == 0x202E })
    }
    #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `ends with 66 for a stranger, and says what he typed and nothing more`() throws {
    let shop = try Shop()
    #expect(try shop.run("explain", "shop.yaml", "anna").status == 66)
    #expect(shop.files("state").isEmpty)
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    let stranger = try shop.run("explain", "shop.yaml", "Anna")
    #expect(stranger.status == 66 && stranger.output.isEmpty)
    #expect(stranger.errors.contains("customer 'Anna'") && !stranger.errors.contains("anna") && stranger.errors.contains("fix:"))
    let early = try shop.run("explain", "shop.yaml", "carla", "--as-of", "2024-04-01")
    #expect(early.status == 66 && early.errors.contains("customer 'carla': no row of his counts as of 2024-04-01; the event store holds 1"))
    #expect(early.errors.contains("2024-05-30"))
    #expect(try shop.run("explain", "shop.yaml").status == 64)
  }
}
