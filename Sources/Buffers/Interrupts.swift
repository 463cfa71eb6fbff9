import Dispatch
import Glibc

/// Signals as a batch process meets them.
package enum Interrupts {
  /// A closed pipe then shows as an error of `write` and does not end the process.
  package static func ignoreClosedPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Calls `handler` once, on a thread of its own, with the first SIGINT, SIGTERM or SIGHUP that arrives. It runs beside the work, as any
  /// code may (it is no signal handler in C's sense), and is expected to end the process.
  /// - Precondition: called before other threads are started, since they inherit the mask that keeps these signals from them.
  package static func whenInterrupted(_ handler: @escaping @Sendable (_ signal: Int32) -> Void) {
    var signals = sigset_t()
    // Safety: all three calls read or fill the set that is handed over, within the call.
    unsafe sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    let awaited = signals
    let waiter = DispatchQueue(label: "interrupts", qos: .userInitiated)
    waiter.async {
      var signals = awaited
      var signal: Int32 = 0
      // Safety: reads the set and fills the number, within the call.
      guard unsafe sigwait(&signals, &signal) == 0 else { return }
      handler(signal)
    }
  }

  /// Ends the process at once: no destructors, no buffers. Everything that matters is on disk already.
  package static func endProcess(_ status: Int32) -> Never {
    _exit(status)
  }
}
