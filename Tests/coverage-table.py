# Lines of each parser that the tests ran, from the JSON that `swift test --enable-code-coverage` writes.
# usage: python3 Tests/coverage-table.py FILE
import json, re, sys
parsers = {
    "Dumps": r"Sources/Dumps/",
    "Pipelines": r"Sources/Workflow/Pipelines/",
    "Buffers: gzip and text": r"Sources/Buffers/(Gzip|Inflater|InputFile|Text(Chunk|Source)|RowIndex|LineEnds)",
    "Buffers: fields": r"Sources/Buffers/(Field|Filled|Text(Kernels|Table)|Number|Product|Time|Dialect)",
    "Buffers: JSON": r"Sources/Buffers/JSON",
    "Store: files of blocks": r"Sources/(Buffers/(Blocks|MappedFile)|Columns/(BlockFile|TableFile)|Events/Segment(Reader)?\.swift)",
}
files = json.load(open(sys.argv[1]))["data"][0]["files"]
total = covered = 0
for name, pattern in parsers.items():
    lines = [f["summary"]["lines"] for f in files if re.search(pattern, f["filename"])]
    n, c = sum(l["count"] for l in lines), sum(l["covered"] for l in lines)
    total, covered = total + n, covered + c
    print(f"{name:<24} {c:>6} of {n:>6} lines  {100 * c / max(1, n):5.1f} %")
print("all" + " " * 22 + f"{covered:>6} of {total:>6} lines  {100 * covered / max(1, total):5.1f} %")
