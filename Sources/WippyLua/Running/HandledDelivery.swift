import Synchronization
import WippyRuntime

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

    /// Whether the handler has ended: what its script has kept of the message is of no use then.
    var isReleased: Bool { phase.withLock { $0 == .released } }

    /// Notes what the script says of the message before it ends.
    ///
    /// - Returns: false if it has said it before.
    func settle(asAcknowledged isAcknowledged: Bool) -> Bool {
        phase.withLock { phase in
            guard phase == .open else { return false }
            phase = isAcknowledged ? .acknowledged : .rejected
            return true
        }
    }

    /// Notes that the handler has ended.
    ///
    /// - Returns: whether the script has said that the message is acknowledged, or not; nil if it has said nothing.
    func release() -> Bool? {
        phase.withLock { phase in
            defer { phase = .released }
            return phase == .open ? nil : phase == .acknowledged
        }
    }
}
