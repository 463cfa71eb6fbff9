import Testing

@Suite struct `A dry run` {
  @Test func `of any stage says what would be written, or what is missing, and changes nothing`() throws {
    let shop = try Shop()
    func look(_ arguments: String...) throws -> Holdfast.Result {
      try Holdfast.finish(Holdfast.process([arguments[0], "shop.yaml", "--dry-run"] + arguments.dropFirst(), in: shop.folder))
    }
    for stage in ["transform", "score", "publish", "compact"] {
      let none = try look(stage)
      #expect(none.status == 66 && none.errors.contains("fix: run first: holdfast extract shop.yaml"), "\(none.errors)")
    }
    #expect(shop.files("") == ["dumps", "shop.yaml"])
    #expect(try shop.run("extract", "shop.yaml").status == 0)
    #expect(try look("transform").output == "state/features/2024-05-30  as of 2024-05-30: would be written\n")
    #expect(try look("score").errors.contains("fix: run first: holdfast transform shop.yaml"))
    #expect(try look("run", "--from", "score").errors.contains("fix: run first: holdfast transform shop.yaml --as-of 2024-05-30"))
    #expect(try shop.run("transform", "shop.yaml").status == 0)
    #expect(
      try look("transform").output
        == "state/features/2024-05-30  as of 2024-05-30: would be written, in place of what it holds of that day\n")
    #expect(try look("score").output == "state/scores/2024-05-30  as of 2024-05-30: would be written\n")
    #expect(try look("publish").errors.contains("fix: run first: holdfast score shop.yaml --as-of 2024-05-30"))
    #expect(try look("run", "--from", "score").output == "out/shop.sqlite  as of 2024-05-30: would be written\n")
    #expect(try shop.run("score", "shop.yaml").status == 0)
    #expect(try shop.json(look("publish", "--json").output)["as_of"] as? String == "2024-05-30")
    #expect(shop.files("out").isEmpty)
  }
}
