import Glibc
import Synchronization
import WippyValues

/// What `verify crash` has the application do that it kills again and again: die at a named point of a message's life,
/// and write into a message which request has published it.
package final class CrashTest: Sendable {
    /// A point of a message's life.
    package enum Point: String, CaseIterable, Sendable {
        /// It is in the queue, and its publisher does not know it yet.
        case accepted
        /// It is a worker's, and the handler does not have it yet.
        case claimed
        /// Its handler has done its work, and the queue does not know it yet.
        case handled
        /// It is done with, and the worker does not know it yet.
        case finished
    }

    /// The header that says which request has published a message.
    package static let requestHeader = "x_request_id"

    /// The request whose handler runs in the current task.
    @TaskLocal package static var request: String?

    private let deadly: Point?
    private let passesLeft: Atomic<Int>
    private let hasTakenAgain = Atomic(false)

    /// A test that never dies by itself.
    package init() {
        deadly = nil
        passesLeft = Atomic(0)
    }

    /// Reads what a test is told: `claimed:7` to die when the seventh message is claimed, anything else not to die.
    package init(_ text: String) {
        let parts = text.unicodeScalars.split(separator: ":").map(String.init)
        deadly = parts.first.flatMap { Point(rawValue: $0) }
        passesLeft = Atomic(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    /// A message passes a point: the process may die here, as by SIGKILL from outside.
    package func passes(_ point: Point) {
        guard point == deadly, passesLeft.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        kill(getpid(), SIGKILL)
    }

    /// Whether this is the first message that is taken again.
    package func isFirstTakenAgain(_ attempt: Int) -> Bool {
        attempt > 1 && !hasTakenAgain.exchange(true, ordering: .relaxed)
    }

    /// A message with the request in its headers that publishes it.
    package static func marked(_ message: Message) -> Message {
        guard let request else { return message }
        var marked = message
        marked.headers[requestHeader] = .string(request)
        return marked
    }
}
