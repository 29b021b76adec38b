import Synchronization
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyText

// The messages that workers have.
extension SQLQueueDriver {
    /// Notes that messages were claimed.
    ///
    /// - Parameter messages: the messages that workers will get.
    /// - Returns: false if the run of the service has ended in which the claim began.
    func didClaim(_ claimed: [ClaimedMessage], by owner: Int) -> Bool {
        state.withLock { state in
            guard state.owner == owner else { return false }
            state.claims.didClaim(Set(claimed.map(\.claim)))
            return true
        }
    }

    /// Notes that a message was settled, or that the driver owes it.
    func didLetGo(_ claim: Claim) {
        state.withLock { $0.claims.didLetGo(claim) }?.fire()
    }

    /// True if no message may be claimed now, because a suspect must be alone.
    var isReservedForSuspect: Bool { state.withLock { $0.claims.isReserved } }

    /// Notes that a claim begins.
    ///
    /// - Returns: false if it must not begin now, because other messages are not handed out.
    func beginClaim(ofSuspects isOfSuspects: Bool) -> Bool {
        state.withLock { $0.claims.begin(ofSuspects: isOfSuspects) }
    }

    /// Notes that a claim has ended, after its messages were noted by ``didClaim(_:by:)``.
    func endClaim() { state.withLock { $0.claims.end() } }

    /// Notes that a claim has failed.
    func didFailToClaim() { state.withLock { $0.claims.didFail() } }

    /// Stops all claims from now on, or allows them again.
    private func reserve(_ isReserved: Bool) {
        state.withLock { $0.claims.isReserved = isReserved }
        if !isReserved { for queue in queues { queue.ring() } }
    }

    /// An event that fires when no worker has a message.
    private var idle: OneShotEvent {
        let event = OneShotEvent()
        state.withLock { $0.claims.whenIdle(event) }?.fire()
        return event
    }

    /// The longest time to wait for other messages.
    ///
    /// Then a suspect is claimed anyway.
    private static let patience = Duration.seconds(5)

    /// Notes that a worker found no ready message.
    ///
    /// If the queue has a suspect, it is now the suspect's turn.
    func workerWaits(at queue: StoredQueue) {
        let watch = state.withLock { state in
            state.suspects.contains(ExactText(queue.key)) ? state.nextLook.take() : nil
        }
        watch?.fire()
    }

    /// Hands suspects to workers, each at a time when no worker has another message.
    ///
    /// So a suspect that ends the process affects no other message. After about a second, other messages have their
    /// turn again.
    func handSuspects(of key: String) async throws {
        guard let queue = queues.first(where: { ExactText.areEqual($0.key, key) }), queue.isServed else { return }
        reserve(true)
        defer { reserve(false) }
        await idle.wait(until: clock.now + Self.patience, by: clock)
        let end = clock.now + Self.tick
        while clock.now < end, let subscription = queue.idleSubscription, try await subscription.takeSuspect() {
            // Other messages continue when the suspect is settled, or after a while.
            await idle.wait(until: clock.now + Self.patience, by: clock)
        }
    }

    /// Notes a claim that will be given back when the database works again.
    func owe(_ claim: Claim, to queue: SQLQueue) {
        state.withLock { if $0.owner == claim.owner { $0.claims.owe(claim, to: queue) } }
    }

    /// Runs `body` while no message is claimed.
    ///
    /// It waits for the running claims for at most a second. If they have not ended then, `body` does not run.
    private func withoutClaims(_ body: () async throws -> Void) async throws {
        let end = clock.now + Self.tick
        reserve(true)
        defer { reserve(false) }
        while state.withLock({ $0.claims.running > 0 }) {
            guard clock.now < end else { return }
            try await clock.sleep(for: .milliseconds(10))
        }
        try await body()
    }

    /// Gives back the messages of claims that have failed although the database has stored them.
    ///
    /// While no claim runs, these are the claims of the owner that no worker has.
    func returnStrays(of owner: Int) async throws {
        guard state.withLock({ $0.claims.mayHaveStrays }) else { return }
        try await withoutClaims {
            let known = state.withLock { $0.claims.known }
            for claim in try await table.claims(of: owner) where !known.contains(claim) {
                _ = try await table.giveBack(claim)
            }
            state.withLock { $0.claims.haveNoStrays() }
            try await count()
        }
    }

    /// Gives back the messages that the driver owes.
    ///
    /// No message is claimed in the meantime. A message that the database has given back already, although it has
    /// reported a failure, could otherwise be claimed again, and then be taken from its worker.
    func payOwed() async throws {
        guard state.withLock({ $0.claims.owesAny }) else { return }
        try await withoutClaims {
            while let (claim, queue) = state.withLock({ $0.claims.takeOwed() }) {
                do {
                    try await queue.giveBack(claim)
                } catch {
                    owe(claim, to: queue)
                    throw error
                }
            }
        }
    }
}
