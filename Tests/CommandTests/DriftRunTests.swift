import Foundation
import Testing

/// Nights of shops that buy by BG/NBD, with `value.fit: on-drift`.
@Suite(.timeLimit(.minutes(15))) struct `Drift, night by night` {
  /// A shop whose dumps pass through an awk program.
  private final class DriftingShop {
    let folder = NSTemporaryDirectory() + "holdfast-drift-" + UUID().uuidString

    init(_ program: String) throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let line = """
        holdfast generate pop --model bg-nbd --customers 3000 --months 18 --files 1 --level 1 >/dev/null 2>&1 || exit 1
        mkdir dumps; gzip -dc pop/tx-0.csv.gz | awk -F, -v OFS=, '\(program)' > dumps/tx.csv
        """
      let made = try Holdfast.shell(line, in: folder)
      try #require(made.status == 0, "\(made.errors)")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func run(_ day: String, fit: String = "on-drift", _ arguments: String...) throws -> Holdfast.Result {
      let text = """
        name: drift
        state: state
        feeds: {transactions: {dumps: ["dumps/*.csv"], settle: 0, rejects: {rows_max: 100000}}}
        value: {fit: \(fit)}
        output: {database: out.sqlite}
        publish: {columns: [customer_id, tenure_days, first_channel, mean_order_minor, gap_std_days, clv_minor]}

        """
      try text.write(toFile: folder + "/p.yaml", atomically: false, encoding: .utf8)
      let result = try Holdfast.finish(Holdfast.process(["run", "p.yaml", "--as-of", day] + arguments, in: folder))
      #expect(result.status == 0, "\(result.errors)")
      return result
    }

    func sql(_ query: String) throws -> String { try Holdfast.shell("sqlite3 out.sqlite \"\(query)\"", in: folder).output }

    /// Its run id.
    var firstRun: String {
      get throws {
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder + "/state/models").sorted().first)
        return String(file.dropFirst(11).dropLast(5))
      }
    }

    var fits: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/state/models")) ?? []).sorted().map { String($0.prefix(10)) }
    }
  }

  private static let parameters = "SELECT DISTINCT parameters FROM models WHERE model = 'bg_nbd'"

  @Test func `a fit is used again while nothing has shifted, and the tables say so`() throws {
    let shop = try DriftingShop("{ print }")
    #expect(try shop.run("2024-02-01").errors.contains("notice: models: fitted anew: there is no earlier fit that serves"))
    #expect(try shop.sql("SELECT count(*) FROM drift") == "0\n")
    for day in ["2024-02-02", "2024-03-01", "2024-06-30"] {
      let result = try shop.run(day)
      #expect(result.errors.contains("notice: models: the fit of 2024-02-01 holds: PSI frequency 0.0"), "\(result.errors)")
      #expect(result.output.contains("\nFit         the fit of 2024-02-01 holds: PSI"), "\(result.output)")
      #expect(result.output.contains("columns since 2024-02-01: "))
    }
    #expect(shop.fits == ["2024-02-01"])
    #expect(try shop.sql(Self.parameters).split(separator: "\n").count == 1, "the same parameters every night")
    // T is not what it was, and frequency at equal tenure is.
    let days = "SELECT as_of, level FROM drift WHERE column_name = 'tenure_days' ORDER BY 1"
    #expect(try shop.sql(days) == "2024-02-02|stable\n2024-03-01|stable\n2024-06-30|shifted\n")
    #expect(try shop.sql("SELECT max(psi_equal_tenure) < 0.05, count(*) FROM drift WHERE column_name = 'frequency'") == "1|3\n")
    #expect(try shop.sql("SELECT group_concat(DISTINCT level) FROM drift WHERE column_name = 'purchases_since_fit'") == "stable\n")
    let sums =
      "SELECT count(*) FROM (SELECT sum(value ->> 'then') t, sum(value ->> 'now') n FROM drift, json_each(bins) "
      + "WHERE psi IS NOT NULL GROUP BY as_of, column_name) WHERE abs(t - 1) > 1e-9 OR abs(n - 1) > 1e-9"
    #expect(try shop.sql(sums) == "0\n")
    let before = try shop.sql("SELECT * FROM drift ORDER BY 1, 2")
    _ = try shop.run("2024-06-30")
    #expect(try shop.sql("SELECT * FROM drift ORDER BY 1, 2") == before, "the same day again gives the same rows")
  }

  @Test func `who buys less, or more dearly, than the fit foretold has the models fitted anew, and log, summary and table say why`() throws
  {
    // From March on two of three repeat purchases do not come.
    let fewer = try DriftingShop("NR == 1 || $3 < \"2024-03-01\" || !seen[$2] || substr($1, 10) % 3 == 0 { print } { seen[$2] = 1 }")
    for day in ["2024-02-20", "2024-02-28"] { _ = try fewer.run(day) }
    #expect(fewer.fits == ["2024-02-20"])
    let result = try fewer.run("2024-05-01")
    #expect(
      result.errors.contains("notice: models: fitted anew: since 2024-02-20 ") && result.errors.contains("repeat purchase days seen, "))
    #expect(result.output.contains("\nFit         fitted anew: since 2024-02-20 "))
    #expect(fewer.fits == ["2024-02-20", "2024-05-01"])
    let reason = "SELECT DISTINCT as_of, fitted_as_of FROM models WHERE fit_reason LIKE 'fitted anew: since 2024-02-20 % seen, % expected'"
    #expect(try fewer.sql(reason) == "2024-05-01|2024-05-01\n")
    #expect(try fewer.sql("SELECT fitted_as_of, level FROM drift WHERE as_of = '2024-05-01' AND psi IS NULL") == "2024-02-20|shifted\n")
    // A fit that is to be used whatever happens: a warning.
    let never = try fewer.run("2024-06-30", fit: "never", "--model", try fewer.firstRun)
    #expect(never.errors.contains("warning: models: the fit of 2024-02-20 does not suit the customers any more: "), "\(never.errors)")

    let dearer = try DriftingShop("NR > 1 && $3 >= \"2024-03-01\" { $4 *= 20; $5 = 0 } { print }")
    for day in ["2024-02-20", "2024-06-30"] { _ = try dearer.run(day) }
    #expect(
      try dearer.sql("SELECT DISTINCT fit_reason FROM models WHERE as_of = '2024-06-30'").hasPrefix(
        "fitted anew: since 2024-02-20 mean_repeat_value_minor has shifted, PSI 0."))
  }

  @Test func `a fit that was kept without its customers still serves, is not compared with, and is no fit for on-drift`() throws {
    let shop = try DriftingShop("{ print }")
    _ = try shop.run("2024-02-01")
    // As an older holdfast kept it: no checksum, no population.
    let made = try Holdfast.shell(
      "f=$(echo state/models/*.json); sqlite3 :memory: \"SELECT json_remove(readfile('$f'), '\\$.checksum', '\\$.population')\" > x && mv x \"$f\"",
      in: shop.folder)
    try #require(made.status == 0, "\(made.errors)")
    _ = try shop.run("2024-02-02", fit: "weekly")
    #expect(
      try shop.sql("SELECT count(*) FROM drift; SELECT DISTINCT fitted_as_of FROM models WHERE as_of > '2024-02-01'") == "0\n2024-02-01\n")
    let anew = try shop.run("2024-02-03")
    #expect(anew.errors.contains("fitted anew: nothing was kept of the customers of 2024-02-01, when it was fitted last"), "\(anew.errors)")
    #expect(shop.fits == ["2024-02-01", "2024-02-03"])
  }
}
