import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQL

extension SQLQueue {
    /// True if messages may be claimed now.
    var canBeClaimed: Bool { stored.isServed && !driver.isReservedForSuspect }

    /// The result of a claim.
    struct Claimed: Sendable {
        /// The number of messages that were claimed.
        let claimed: Int
        /// The claimed messages that workers will get.
        let messages: [ClaimedMessage]
    }

    /// Claims the next messages.
    ///
    /// - Parameter suspects: true to claim only suspects. These are messages that workers had when processes died.
    /// - Returns: nil if no message may be claimed now. The driver rings when claims may begin again.
    func claim(_ most: Int, suspects: Bool = false) async throws -> Claimed? {
        guard let owner = driver.owner else { throw driver.refusal(of: id) }
        guard driver.beginClaim(ofSuspects: suspects) else { return nil }
        defer { driver.endClaim() }
        let claimed: [ClaimedMessage]
        do {
            claimed = try await driver.table.claim(most, of: stored.key, by: owner, suspects: suspects)
        } catch {
            driver.didFailToClaim()
            driver.health.didFail(error)
            throw error
        }
        guard !claimed.isEmpty else { return Claimed(claimed: 0, messages: []) }
        guard driver.didClaim(claimed, by: owner) else {
            // The owner was removed before or after the claim. Nobody else would free the messages.
            for message in claimed { _ = try? await driver.table.giveBack(message.claim) }
            throw driver.refusal(of: id)
        }
        stored.didLose(claimed.count)
        let (now, maxAttempts) = (driver.time.now, settings.deadLetters?.maxAttempts ?? .max)
        var messages: [ClaimedMessage] = []
        for message in claimed {
            if let expires = message.expires, expires <= now {
                expired.add()
                await giveUp(message, reason: "it was not claimed within its time to live")
            } else if message.claim.attempt > maxAttempts {
                await giveUp(message, reason: Self.reasonOfCrashes)
            } else {
                messages.append(message)
            }
        }
        return Claimed(claimed: claimed.count, messages: messages)
    }

    /// The reason for giving up a message, when the process died each time that a worker had the message.
    static let reasonOfCrashes = "the process ended each time while a handler worked on the message"

    func delivery(of message: ClaimedMessage, receipt: Int) -> Delivery {
        Delivery(message: message.message, queue: id, attempt: message.claim.attempt, receipt: receipt)
    }
}
