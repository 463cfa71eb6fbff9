import Foundation
import Testing

@Suite struct `Pseudonyms` {
  /// The shop of `Person` with hidden ids, under `hidden.yaml`.
  private func hidden(columns: String = "[customer_id]") throws -> Person {
    let shop = try Person()
    let plain = try String(contentsOfFile: shop.folder + "/with.yaml", encoding: .utf8)
    let hidden = plain.replacing("{transactions: {", with: "{transactions: {pseudonymize: {columns: \(columns), key_file: key}, ")
    try shop.write("hidden.yaml", hidden)
    try shop.write("key", String(repeating: "0123456789abcdef", count: 2))
    try shop.shell("chmod 600 key")
    return shop
  }

  /// As another program computes it.
  private func pseudonym(_ shop: Person) throws -> String {
    let hash = try shop.shell("printf \(shop.id) | openssl dgst -sha256 -hmac $(cat key) | tail -c 65")
    return String(hash.prefix(32))
  }

  @Test func `stand for ids everywhere, are HMAC-SHA-256, and change no other result`() throws {
    let shop = try hidden()
    // Of two customers who claim one transaction the smaller id stands, and that is another one now.
    try shop.shell("rm dumps/extra.csv")
    try shop.shell("holdfast run hidden.yaml --quiet && holdfast transform hidden.yaml --quiet && holdfast score hidden.yaml --quiet")
    #expect(try shop.hits() == [])
    #expect(try shop.hits(of: "C00000").isEmpty)
    let pseudonym = try pseudonym(shop)
    let own = try shop.shell("sqlite3 with.sqlite \"SELECT purchases, net_minor FROM customers WHERE customer_id = '\(pseudonym)'\"")
    #expect(!own.isEmpty)
    let facts = "SELECT purchases, net_minor, first_purchase, rhythm_days FROM customers ORDER BY 1, 2, 3, 4"
    let masked = try shop.shell("sqlite3 with.sqlite '\(facts)' && rm -r state-with with.sqlite")
    try shop.shell("holdfast run with.yaml --quiet")
    #expect(try shop.shell("sqlite3 with.sqlite '\(facts)'") == masked)
    #expect(try shop.shell("sqlite3 with.sqlite \"SELECT purchases, net_minor FROM customers WHERE customer_id = '\(shop.id)'\"") == own)
  }

  @Test func `hide transaction ids, too, and count a transaction once`() throws {
    let shop = try hidden(columns: "[customer_id, transaction_id]")
    try shop.shell("holdfast run hidden.yaml --quiet")
    #expect(try shop.hits(of: "T00000").isEmpty)
    let sums = "SELECT sum(rows_loaded), sum(rows_duplicate), sum(rows_rejected) FROM loads"
    let masked = try shop.shell("sqlite3 with.sqlite '\(sums)' && rm -r state-with with.sqlite")
    try shop.shell("holdfast run with.yaml --quiet")
    #expect(try shop.shell("sqlite3 with.sqlite '\(sums)'") == masked)
  }

  @Test func `another key, or none where there was one, is another mapping`() throws {
    let shop = try hidden()
    try shop.shell("holdfast extract hidden.yaml --quiet")
    #expect(try shop.run("extract", "with.yaml").status == 78)
    try shop.write("key", String(repeating: "another!", count: 4))
    let other = try shop.run("extract", "hidden.yaml")
    #expect(other.status == 78)
    #expect(other.errors.contains("\n  changed: feeds.transactions.pseudonymize\n"), "\(other.errors)")
    #expect(!other.errors.contains("another!"))
  }

  @Test(arguments: [
    ("chmod 640 key", "others than its owner may read or write it"), ("truncate -s 31 key", "expected at least 32 bytes, found 31"),
    ("rm key", "cannot look at key: No such file or directory"),
  ])
  func `need a key that is there, long enough, and its owner's alone`(damage: String, message: String) throws {
    let shop = try hidden()
    try shop.shell(damage)
    let result = try shop.run("extract", "hidden.yaml")
    #expect(result.status == 78)
    #expect(result.errors.hasPrefix("error: feeds.transactions.pseudonymize.key_file: key: \(message)\n"), "\(result.errors)")
    #expect(try shop.shell("ls state-with/events/transactions").isEmpty)
  }

  @Test func `are explained and erased by the real id, and filtered when he is delivered again`() throws {
    let shop = try hidden()
    try shop.shell("holdfast run hidden.yaml --quiet")
    let explained = try shop.run("explain", "hidden.yaml", shop.id)
    #expect(explained.status == 0)
    #expect(!explained.output.contains(shop.id))
    let pseudonym = try pseudonym(shop)
    #expect(explained.output.hasPrefix("holdfast · shop · customer \(pseudonym) "))
    #expect(try shop.hits(of: pseudonym).count > 2)
    // Without the key, a pseudonym is what can be asked for.
    try shop.shell("mv key away")
    #expect(try shop.run("explain", "hidden.yaml", pseudonym).output == explained.output)
    let look = try shop.run("erase", "hidden.yaml", pseudonym, "--dry-run").output
    #expect(look.contains("\n  dumps/extra.csv: its ids can be compared with a pseudonym only by the key\n"))
    try shop.shell("mv away key && holdfast erase hidden.yaml \(shop.id) --yes > said")
    #expect(try shop.hits(of: pseudonym) == [])
    #expect(try shop.shell("grep -c 'extra.csv: 4 rows' said") == "1\n")
    try shop.write("dumps/later.csv", "\(Person.header)n1,\(shop.id),2024-11-05T10:00:00Z,9.00\n")
    try shop.shell("holdfast run hidden.yaml --quiet")
    #expect(try shop.hits(of: pseudonym) == [])
    #expect(try shop.shell("sqlite3 with.sqlite \"SELECT rows_filtered FROM loads WHERE path LIKE '%later%'\"") == "1\n")
  }

  @Test func `keep refused rows out of the store, and out of errors that show values`() throws {
    let shop = try hidden()
    try shop.write("bad.csv", "\(Person.header)e1,\(shop.id),never,1.00\n")
    try shop.shell("sed -i 's/rows_max: 1000/rows_max: 0/' hidden.yaml")
    let result = try shop.run("extract", "hidden.yaml", "--dumps", "bad.csv", "--show-values")
    #expect(result.status == 1)
    #expect(result.errors.contains("line 2, column \"occurred_at\"") && !result.errors.contains(shop.id))
    #expect(try shop.hits() == [])
  }
}
