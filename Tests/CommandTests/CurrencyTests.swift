import Foundation
import Testing

@Suite struct `A column of currencies` {
  private static let columns = "columns: {discount: null, cost: null, category: null, channel: null, kind: null}"

  private func shop() throws -> Shop {
    let shop = try Shop(dumps: [
      "a.csv": """
      transaction_id,customer_id,occurred_at,amount,cur
      t1,anna,2024-03-01T10:00:00Z,10.00,EUR
      t2,anna,2024-03-02T10:00:00Z,1000,JPY
      t3,berta,2024-03-03T10:00:00Z,1.234,KWD

      """
    ])
    let feed = "transactions: {dumps: [\"dumps/*.csv\"], settle: 0, \(Self.columns), currency: {column: cur, to: EUR}}"
    try shop.write("rates.csv", "date,currency,rate\n2024-03-01,JPY,0.0061\n2024-03-01,KWD,3\n")
    try shop.write("shop.yaml", "state: state\nfeeds: {\(feed), rates: {dumps: [rates.csv]}}\noutput: {database: out/shop.sqlite}\n")
    return shop
  }

  @Test func `is converted by the rate of the day or the latest before it, and published in one currency`() throws {
    let shop = try shop()
    let ran = try shop.run("run", "shop.yaml", "--quiet")
    #expect(ran.status == 0, "\(ran.errors)")
    #expect(try shop.query("SELECT customer_id, net_minor FROM customers ORDER BY 1") == "anna|1610\nberta|370\n")
    #expect(try shop.query("SELECT currency FROM publication") == "EUR\n")
    let plan = try shop.run("plan", "shop.yaml").output
    #expect(plan.contains("    currency: {column: \"cur\", to: EUR}\n") && plan.contains("    age_max: 7d\n"))
  }

  @Test func `whose used rates changed since stops the run with their names, until the dump is read again`() throws {
    let shop = try shop()
    #expect(try shop.run("run", "shop.yaml").status == 0)
    // A rate of another day, and the same number written otherwise, change nothing.
    try shop.write("rates.csv", "date,currency,rate\n2024-03-01,JPY,0.00610\n2024-03-01,KWD,3.0\n2024-03-09,JPY,0.007\n")
    #expect(try shop.run("run", "shop.yaml").status == 0)
    try shop.write("rates.csv", "date,currency,rate\n2024-03-01,JPY,0.0061\n2024-03-01,KWD,3\n2024-03-02,JPY,0.007\n")
    let refused = try shop.run("run", "shop.yaml")
    #expect(refused.status == 78 && refused.errors.contains("changed: feeds.rates.2024-03-02.JPY\n"), "\(refused.errors)")
    #expect(try shop.query("SELECT net_minor FROM customers ORDER BY customer_id") == "1610\n370\n")
    #expect(try shop.run("run", "shop.yaml", "--reload").status == 0)
    #expect(try shop.query("SELECT net_minor FROM customers ORDER BY customer_id") == "1700\n370\n")
  }

  @Test(arguments: [
    (
      "t4,carla,2024-03-09T10:00:00Z,5,JPY",
      "line 5, column \"cur\": expected an exchange rate of JPY for its day, or at most 7 days older, found none"
    ),
    ("t4,carla,2024-03-02T10:00:00Z,5,XYZ", "expected a currency code of ISO 4217, found three other letters"),
    ("t4,carla,2024-03-02T10:00:00Z,5,", "expected a value, found nothing"),
    ("t4,carla,2024-03-02T10:00:00Z,5.5,JPY", "expected no more decimals than its currency has, found more"),
  ]) func `with a row that cannot be converted is over its reject limit, and nothing is published`(row: String, message: String) throws {
    let shop = try shop()
    try shop.write("dumps/a.csv", try shop.text("dumps/a.csv") + row + "\n")
    let ran = try shop.run("run", "shop.yaml")
    #expect(ran.status == 1 && ran.errors.contains(message), "\(ran.errors)")
    #expect(!shop.files("out").contains("shop.sqlite"))
  }

  @Test func `needs rates, and says what else is wrong with its keys`() throws {
    let shop = try shop()
    try shop.write("bad.yaml", "feeds: {transactions: {dumps: [a.csv], currency: {colum: cur, to: EURO}}}\n")
    let bad = try shop.run("validate", "bad.yaml")
    for wanted in [
      "did you mean 'column'?", "currency.column is missing", "expected an ISO 4217 code such as USD, found 'EURO'; did you mean 'EUR'?",
    ] {
      #expect(bad.errors.contains(wanted), "\(bad.errors)")
    }
    try shop.write("bad.yaml", "feeds: {transactions: {dumps: [a.csv], currency: {column: cur, to: EUR}}}\n")
    #expect(try shop.run("validate", "bad.yaml").errors.contains("feeds.rates.dumps is missing"))
    try shop.write("gone.yaml", try shop.text("shop.yaml").replacing("[rates.csv]", with: "[none.csv]"))
    let gone = try shop.run("run", "gone.yaml")
    #expect(gone.status == 66 && gone.errors.contains("feeds.rates.dumps: no file matches none.csv"), "\(gone.errors)")
  }
}
