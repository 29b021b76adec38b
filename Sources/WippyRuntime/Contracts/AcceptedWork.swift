public import WippyDefinition

/// Work that an entry has accepted and has not done yet, such as the messages of a queue.
///
/// A kind whose entries keep such work offers it under the contract `.acceptedWork`, beside its other contracts. Then
/// this holds:
///
/// - A reload that would remove an entry that still has work is not applied, unless it may discard work.
/// - If a reload builds the entry anew, the work moves to the entry that replaces it, as far as ``move(to:)`` allows.
///   If the reload is taken back, the work moves back.
/// - Before the services that consume the entry are stopped with the application, the entry is drained, as far as the
///   time allows. A service consumes an entry if the service's own entry refers to it with the meaning `consumes`.
///
/// A count or a move that takes too long is cancelled. If it does not succeed within a second after that, it counts as
/// failed, and the reload waits for it no longer.
public protocol AcceptedWork: Sendable {
    /// The nouns for the entry and its work in messages and in the log.
    var nouns: WorkNouns { get }

    /// The amount of work now, in units such as messages or rows; 0 if there is none.
    ///
    /// - Throws: an error when the amount is unknown.
    var amount: Int { get async throws }

    /// True if the work survives the end of the process.
    ///
    /// Default: false. If a reload is taken back, work that an added entry has accepted in the meantime counts as lost
    /// unless it is durable.
    var isDurable: Bool { get }

    /// Waits until no work is left that can be done before the deadline.
    ///
    /// If the work is durable, the call returns at once. While it waits, the services that consume the entry keep
    /// working.
    ///
    /// Cancelling the task ends the wait. The deadline does not end it.
    ///
    /// - Parameter deadline: a time of the runtime's clock. The call does not wait for work that is due later.
    /// - Returns: a number that grows with each unit of work that this process adds. If two calls return the same
    ///   number, this process has added no work between them.
    func drain(until deadline: Duration) async -> Int

    /// Returns the call that moves this work to another entry; nil if the work cannot move there. Default: nil.
    ///
    /// This method itself moves nothing. A reload uses the call only if work can move in both directions.
    ///
    /// - Parameter other: the work of an entry with the same id, which replaces this entry or was replaced by it.
    /// - Returns: the call. It may leave out work that is being done, such as a message that a worker has. It throws an
    ///   error if it leaves out anything else. What is not moved stays where it was. The call ends soon after its task
    ///   is cancelled.
    func move(to other: any AcceptedWork) -> (@Sendable () async throws -> Void)?
}

extension AcceptedWork {
    /// The default: false.
    public var isDurable: Bool { false }

    /// Returns nil, because the work cannot move.
    public func move(to other: any AcceptedWork) -> (@Sendable () async throws -> Void)? { nil }
}

/// The nouns for an entry with accepted work, and for the work.
public struct WorkNouns: Hashable, Sendable {
    /// The noun for the entry, without an article, such as `queue`.
    public let holder: String

    /// The noun for the units of its work, in the plural, such as `messages`.
    public let units: String

    /// Creates the nouns.
    ///
    /// - Parameters:
    ///   - holder: the noun for the entry, without an article, such as `queue`.
    ///   - units: the noun for the units of its work, in the plural, such as `messages`.
    public init(holder: String, units: String) {
        (self.holder, self.units) = (holder, units)
    }
}

extension Contract where Offered == any AcceptedWork {
    /// The contract of an entry that keeps accepted work.
    public static var acceptedWork: Self { Contract("an entry with accepted work") }
}
