import Buffers
import Columns
import Dumps

extension Pipeline {
  /// The key and the fields to hide; nil where the pipeline hides none.
  /// - Throws: 78 where the key file is missing, short, or open to others than its owner.
  package func pseudonyms() throws(PipelineError) -> Pseudonyms? {
    let options = transactions.pseudonyms
    guard !options.fields.isEmpty, let path = options.keyFile?.path else { return nil }
    let name = "feeds.transactions.pseudonymize.key_file: \(path)"
    let advice = "make one: (umask 077; head -c 32 /dev/urandom > \(ShellText.quoted(path))), and keep a copy apart from the data"
    let found: KeyFile?
    do { found = try KeyFile.read(path) } catch {
      throw PipelineError(.badPipeline, "\(name): \(error)", fix: error.code == 2 ? advice : "give this user the right to read it")
    }
    guard let file = found, file.bytes.count >= PseudonymOptions.keyBytesMin else {
      let count = found.map { "\($0.bytes.count)" } ?? "more than \(KeyFile.bytesMax)"
      throw PipelineError(.badPipeline, "\(name): expected at least \(PseudonymOptions.keyBytesMin) bytes, found \(count)", fix: advice)
    }
    guard !file.isOpenToOthers else {
      throw PipelineError(
        .badPipeline, "\(name): others than its owner may read or write it", fix: "chmod 600 \(ShellText.quoted(path))")
    }
    return Pseudonyms(fields: options.fields, key: file.bytes)
  }

  /// Whether customers bear pseudonyms, and the key is not at hand.
  package var hidesCustomersWithoutKey: Bool {
    let options = transactions.pseudonyms
    return options.fields.contains("customer_id") && options.keyFile.map { PathKind(of: $0.path) == .missing } ?? false
  }

  /// A customer's id as the store knows it. Where the key is not at hand, the id is taken for a pseudonym.
  package func storedCustomer(_ id: String) throws(PipelineError) -> [UInt8] {
    let bytes = Array(id.utf8)
    return hidesCustomersWithoutKey ? bytes : try pseudonyms()?.storedCustomer(bytes) ?? bytes
  }
}
