import WippyRuntime

/// The claims of a driver, as a state machine without I/O.
///
/// Each message that the driver has claimed belongs to a worker, or is owed: the driver gives it back when the database
/// works again. A message that is claimed in the database, and is neither, is a stray.
struct DriverClaims {
    /// The claims of the messages that workers have.
    private(set) var inHand: Set<Claim> = []
    /// Claims that will be given back later, because the database has failed.
    private var owed: [(claim: Claim, queue: SQLQueue)] = []
    /// The number of claims that run.
    private(set) var running = 0
    /// True if a claim has failed, and the database may have stored it nevertheless.
    private(set) var mayHaveStrays = false
    /// True if only a suspect may be claimed.
    var isReserved = false
    /// Fires when no worker has a message.
    private var idle: OneShotEvent?

    /// Forgets the claims of an earlier run of the service.
    ///
    /// A claim that still runs ends later.
    mutating func restart() {
        (inHand, owed) = ([], [])
        (isReserved, mayHaveStrays) = (false, false)
    }

    /// Notes that a claim begins.
    ///
    /// - Returns: false if it must not begin now, because only suspects may be claimed.
    mutating func begin(ofSuspects isOfSuspects: Bool) -> Bool {
        guard isOfSuspects || !isReserved else { return false }
        running += 1
        return true
    }

    /// Notes that a claim has ended.
    mutating func end() { running -= 1 }

    /// Notes that a claim has failed.
    mutating func didFail() { mayHaveStrays = true }

    /// Notes that workers will get the messages of these claims.
    mutating func didClaim(_ claims: Set<Claim>) {
        inHand.formUnion(claims)
        // The database has given these messages back, although it has reported a failure.
        owed.removeAll { claims.contains($0.claim) }
    }

    /// Notes that a message was settled, or that the driver owes it.
    ///
    /// - Returns: the event to fire if no worker has a message any more.
    mutating func didLetGo(_ claim: Claim) -> OneShotEvent? {
        guard inHand.remove(claim) != nil, inHand.isEmpty else { return nil }
        return idle.take()
    }

    /// Keeps an event that fires when no worker has a message.
    ///
    /// - Returns: the event if it must fire now.
    mutating func whenIdle(_ event: OneShotEvent) -> OneShotEvent? {
        idle = event
        return inHand.isEmpty ? event : nil
    }

    /// True if messages will be given back later.
    var owesAny: Bool { !owed.isEmpty }

    /// Notes a claim that will be given back later.
    mutating func owe(_ claim: Claim, to queue: SQLQueue) { owed.append((claim, queue)) }

    /// Takes a claim that will be given back now; nil if there is none.
    mutating func takeOwed() -> (claim: Claim, queue: SQLQueue)? { owed.popLast() }

    /// The claims that are no strays.
    var known: Set<Claim> { inHand.union(owed.map(\.claim)) }

    /// Notes that the strays were given back.
    mutating func haveNoStrays() { mayHaveStrays = false }
}
