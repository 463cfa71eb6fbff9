import Dumps

/// The section `feeds.transactions.pseudonymize`.
extension PipelineParser {
  mutating func readPseudonyms(_ section: NodeReader.Section, _ feed: inout WrittenTransactions) {
    feed.pseudonymizedFields = reader.texts("columns", in: section)
    feed.pseudonymKeyFile = reader.nullable("key_file", in: section)
    for field in feed.pseudonymizedFields ?? [] where !Pseudonyms.fieldsKnown.contains(field) {
      reader.report(
        section.values["columns"]?.mark, "\(section.path).columns: expected transaction_id or customer_id, found \(reader.shown(field))")
    }
    guard feed.pseudonymizedFields?.isEmpty == false else { return }
    if case .value = feed.pseudonymKeyFile { return }
    reader.report(
      (section.values["key_file"] ?? section.values["columns"])?.mark,
      "\(section.path).key_file is missing: a file of at least 32 secret bytes")
  }
}
