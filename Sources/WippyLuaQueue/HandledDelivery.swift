import Synchronization
public import WippyLua
public import WippyMessaging

/// A message while a script handles it.
///
/// A module gets it by `ScriptCall.handledDelivery`. If nobody acknowledges or rejects the message before the
/// script ends, the result of the script decides.
public final class HandledDelivery: Sendable {
    private enum Phase {
        case open
        case acknowledged
        case rejected
        /// The handler has ended.
        case released
    }

    /// The message, with its queue and the number of the attempt.
    public let delivery: Delivery

    private let phase = Mutex(Phase.open)

    init(_ delivery: Delivery) {
        self.delivery = delivery
    }

    /// The message.
    public var message: Message { delivery.message }

    /// True if the script that handles the message has ended.
    ///
    /// Afterwards the message can no longer be acknowledged or rejected here.
    public var isReleased: Bool { phase.withLock { $0 == .released } }

    /// Records that the message is acknowledged or rejected, whatever the script returns.
    ///
    /// The queue learns it when the script has ended.
    ///
    /// - Parameter isAcknowledged: true to acknowledge the message, false to reject it.
    /// - Returns: false if the message was acknowledged or rejected before, or if the script has ended.
    public func settle(asAcknowledged isAcknowledged: Bool) -> Bool {
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

extension ScriptCall {
    /// The message that the call handles; nil if the call does not handle a message.
    public var delivery: Delivery? { handledDelivery?.delivery }

    /// The message that the call handles, for a module that acknowledges or rejects it; nil if the call does not handle
    /// a message.
    public var handledDelivery: HandledDelivery? { subject as? HandledDelivery }
}
