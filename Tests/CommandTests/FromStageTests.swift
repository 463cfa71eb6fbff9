import Foundation
import Testing

@Suite struct `A run from a stage on` {
  private static let late =
    String(Shop.rows.split(separator: "\n")[0]) + "\nt5,dora,2024-06-02T10:00:00Z,7.00,0.00,1.00,books,web,purchase\n"

  @Test(arguments: ["extract", "transform", "score", "publish"])
  func `publishes what a whole run does`(stage: String) throws {
    let (shop, whole) = (try Shop(), try Shop())
    for before in ["extract", "transform", "score", "publish"].prefix(while: { $0 != stage }) {
      #expect(try shop.run(before, "shop.yaml").status == 0)
    }
    let result = try shop.run("run", "shop.yaml", "--from", stage)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("holdfast · shop · as of 2024-05-30"))
    let stages = try #require(shop.record()["stages"] as? [[String: Any]]).compactMap { $0["stage"] as? String }
    #expect(stages == Array(["extract", "transform", "score", "publish"].drop { $0 != stage }))
    #expect(try whole.run("run", "shop.yaml").status == 0)
    let tables = try [shop, whole].map { try Results.tables($0.folder + "/out/shop.sqlite", without: ["run_id"]) }
    #expect(Results.differences(tables[0], tables[1]) == [])
  }

  @Test func `names the artifact that is missing and the command that makes it`() throws {
    let shop = try Shop()
    func fails(_ stage: String, _ words: String, fix: String) throws {
      let result = try shop.run("run", "shop.yaml", "--from", stage)
      #expect(result.status == 66 && result.output.isEmpty)
      #expect(result.errors.contains(words) && result.errors.contains("fix: run first: \(fix)\n"), "\(result.errors)")
    }
    for stage in ["transform", "score", "publish"] { try fails(stage, "there are no events yet", fix: "holdfast extract shop.yaml") }
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    try fails("score", "there are no features as of 2024-05-30 yet", fix: "holdfast transform shop.yaml --as-of 2024-05-30")
    try fails("publish", "there are no features as of 2024-05-30 yet", fix: "holdfast transform shop.yaml --as-of 2024-05-30")
    #expect(try shop.run("transform", "shop.yaml").status == 0)
    try fails("publish", "there are no scores as of 2024-05-30 yet", fix: "holdfast score shop.yaml --as-of 2024-05-30")
    #expect(shop.files("out").isEmpty)
  }

  @Test func `refuses features of another day, and of other dumps`() throws {
    let shop = try Shop()
    for stage in ["extract", "transform", "score"] { #expect(try shop.run(stage, "shop.yaml").status == 0) }
    try shop.write("dumps/b.csv", Self.late)
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    let other = try shop.run("run", "shop.yaml", "--from", "score")
    #expect(other.status == 66)
    #expect(other.errors.contains("there are no features as of 2024-06-02 yet\n  the newest are as of 2024-05-30\n"), "\(other.errors)")
    let stale = try shop.run("run", "shop.yaml", "--from", "publish", "--as-of", "2024-05-30")
    #expect(stale.status == 66)
    #expect(stale.errors.contains("these features were made from other dumps than the event store holds now"), "\(stale.errors)")
    #expect(shop.files("out").isEmpty)
    #expect(try shop.run("run", "shop.yaml", "--from", "transform").status == 0)
    #expect(try shop.query("SELECT count(*) FROM customers") == "4\n")
  }

  @Test func `is asked for by a stage's name, without flags of extract`() throws {
    let shop = try Shop()
    let typo = try shop.run("run", "shop.yaml", "--from", "tranform")
    #expect(typo.status == 64)
    #expect(typo.errors.contains("--from: expected extract, transform, score, publish, found 'tranform'\n  fix: did you mean 'transform'?"))
    for flags in [["--reload"], ["--replace"], ["--dumps", "x"], ["--settle", "1m"]] {
      let result = try Holdfast.finish(Holdfast.process(["run", "shop.yaml", "--from", "score"] + flags, in: shop.folder))
      #expect(result.status == 64 && result.errors.contains("\(flags[0]): --from score reads no dumps"), "\(result.errors)")
    }
    #expect(shop.files("") == ["dumps", "shop.yaml"])
  }
}
