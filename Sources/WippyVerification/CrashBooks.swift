import WippySQL
import WippySQLQueue
import WippyText

/// Counts the results of accepted requests, while an application was killed again and again.
struct CrashBooks: Equatable {
    /// The number of requests that were answered as accepted.
    var accepted = 0
    /// The number of requests whose messages were each handled once.
    var processedOnce = 0
    /// The number of requests with a message that was claimed more than once.
    var processedAgain = 0
    /// The number of requests with a message that is a dead letter.
    var deadLettered = 0
    /// The number of requests with a dead letter because a handler failed, and not because of a kill.
    var unexpected = 0
    /// The number of requests with a message that is still in a queue.
    var stillThere = 0
    /// The ids of the requests of which no message is left.
    var lost: [String] = []

    /// Counts the requests.
    ///
    /// - Parameters:
    ///   - accepted: the ids of the accepted requests.
    ///   - fates: the states of the messages that are left.
    init(accepted: [String], fates: [MessageFate]) {
        let messages = Dictionary(grouping: fates) { ExactText($0.mark) }
        self.accepted = accepted.count
        for request in accepted {
            guard let own = messages[ExactText(request)] else {
                lost.append(request)
                continue
            }
            if own.contains(where: \.isDead) {
                deadLettered += 1
                if own.contains(where: { $0.isDead && !$0.diedOfCrashes }) { unexpected += 1 }
            } else if own.contains(where: { !$0.isFinished }) {
                stillThere += 1
            } else if own.contains(where: { $0.attempts > 1 }) {
                processedAgain += 1
            } else {
                processedOnce += 1
            }
        }
    }
}
