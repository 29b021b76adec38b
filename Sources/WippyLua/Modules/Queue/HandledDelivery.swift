import Synchronization
import WippyMessaging

/// A message while a script handles it.
final class HandledDelivery: Sendable {
    private enum Phase {
        case open
        case acknowledged
        case rejected
        /// The handler has ended.
        case released
    }

    let delivery: Delivery
    private let phase = Mutex(Phase.open)

    init(_ delivery: Delivery) {
        self.delivery = delivery
    }

    var message: Message { delivery.message }

    /// True if the handler has ended.
    ///
    /// The script cannot use the message afterwards.
    var isReleased: Bool { phase.withLock { $0 == .released } }

    /// Records that the script acknowledges or rejects the message before the script ends.
    ///
    /// - Returns: false if the script has acknowledged or rejected the message before.
    func settle(asAcknowledged isAcknowledged: Bool) -> Bool {
        phase.withLock { phase in
            guard phase == .open else { return false }
            phase = isAcknowledged ? .acknowledged : .rejected
            return true
        }
    }

    /// Records that the handler has ended.
    ///
    /// - Returns: true if the script has acknowledged the message, and false if it has rejected the message; nil if it
    ///   has done neither.
    func release() -> Bool? {
        phase.withLock { phase in
            defer { phase = .released }
            return phase == .open ? nil : phase == .acknowledged
        }
    }
}
