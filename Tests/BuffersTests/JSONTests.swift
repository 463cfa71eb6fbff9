import Buffers
import TestSupport
import Testing

@Suite struct `JSON by RFC 8259` {
  @Test func `is judged as JSON_checker judges it, but for what the RFC allows since`() throws {
    let names = try Vectors.names("jsonchecker").filter { $0.hasSuffix(".json") }
    #expect(names.count == 36)
    for name in names {
      let isSound = jsonProblem(try Vectors.read("jsonchecker/" + name)) == nil
      #expect(isSound == (name.hasPrefix("pass") || name.hasSuffix("_EXCLUDE.json")), "\(name)")
    }
  }

  @Test(arguments: [
    "0", "-0", "1e5", "1E+05", "-0.5e-3", "\"\"", "\"\\u00e4\\ud83d\\ude00\"", "\"\\ud800\"", "null", "true", "false", "[]", "{}",
    " {\"a\" : [1, 2]}\r\n",
    "{\"a\":1,\"a\":2}", "\"\u{7F}\"", "\"ä€😀\"",
  ]) func `takes`(text: String) { #expect(jsonProblem(Array(text.utf8)) == nil) }

  @Test(arguments: [
    ("", 0, "a value"), ("[", 1, "a value"), ("[1,]", 3, "a value"), ("{\"a\":1,}", 7, "a key in double quotes"),
    ("01", 1, "no digit behind a leading 0"),
    ("1.", 2, "a digit"), (".5", 0, "a value"), ("+1", 0, "a value"), ("1e", 2, "a digit"), ("-", 1, "a digit"), ("NaN", 0, "a value"),
    ("Infinity", 0, "a value"),
    ("nul", 0, "a value"), ("'a'", 0, "a value"), ("\"a", 2, "a closing quote"),
    ("\"\t\"", 1, "no control character in a string, but an escape"),
    ("\"\\x41\"", 2, "an escape that JSON knows"), ("\"\\u12g4\"", 5, "four hexadecimal digits"), ("{\"a\" 1}", 5, "a colon behind a key"),
    ("[1 2]", 3, "a comma or ] behind a value"), ("{\"a\":1 \"b\":2}", 7, "a comma or } behind a value"),
    ("1 2", 2, "nothing behind the value"),
    ("\u{FEFF}1", 0, "a value"), ("[1]\0", 3, "nothing behind the value"),
  ]) func `says at which byte it ends to be JSON`(text: String, offset: Int, expected: String) {
    #expect(jsonProblem(Array(text.utf8)) == JSONProblem(offset: offset, expected: expected))
  }

  @Test func `refuses strings that are no UTF-8, by the first wrong byte`() {
    for bytes: [UInt8] in [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xF0, 0x8F, 0xBF, 0xBF], [0x80],
    ] {
      #expect(jsonProblem([34, 97] + bytes + [34]) == JSONProblem(offset: 2, expected: "UTF-8"))
    }
  }

  @Test func `is nested at most 128 deep, however long the text`() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let core = open == "[" ? "" : "1"
      #expect(jsonProblem(Array((String(repeating: open, count: 128) + core + String(repeating: close, count: 128)).utf8)) == nil)
      #expect(jsonProblem(Array(String(repeating: open, count: 129).utf8))?.expected == "at most 128 levels")
      #expect(jsonProblem(Array(String(repeating: open, count: 1_000_000).utf8))?.expected == "at most 128 levels")
    }
  }

  @Test func `paths are keys joined by dots, a dot within a key behind a backslash`() {
    #expect(JSONPaths.keys("order.total") == ["order", "total"])
    #expect(JSONPaths.keys("a\\.b.c\\\\d") == ["a.b", "c\\d"])
  }
}
