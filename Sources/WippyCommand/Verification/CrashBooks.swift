import WippySQL
import WippySQLQueue
import WippyText

/// What became of the requests that were accepted while an application was killed.
struct CrashBooks: Equatable {
    /// Requests that were answered as accepted.
    var accepted = 0
    /// Those whose messages were each handled once.
    var processedOnce = 0
    /// Those of whose messages one was handed to a handler more than once.
    var processedAgain = 0
    /// Those of whose messages one is a dead letter.
    var deadLettered = 0
    /// Those of them whose handlers have failed: not the kills' work.
    var unexpected = 0
    /// Those of whose messages one is in a queue still.
    var stillThere = 0
    /// Those of which no message is there any more.
    var lost: [String] = []

    /// Closes the books.
    ///
    /// - Parameters:
    ///   - accepted: the requests that were accepted.
    ///   - fates: the messages that are there.
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
