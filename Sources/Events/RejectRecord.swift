import Dumps

/// A reject with the dump that it stands in.
package struct RejectRecord: Sendable, Hashable {
  package var feed: String
  package var path: String
  package var sha256: String
  package var reject: Reject

  package init(feed: String, path: String, sha256: String, reject: Reject) {
    self.feed = feed
    self.path = path
    self.sha256 = sha256
    self.reject = reject
  }
}
