/// Who watches the stages of the application.
///
/// Who is told what is decided together with the change itself, so that a stream neither misses nor repeats one;
/// telling them is done later, with no lock held.
struct SupervisorWatchers {
    private var continuations: [Int: AsyncStream<ApplicationStage>.Continuation] = [:]
    private var nextKey = 0

    /// What streams are to be told, in order.
    struct Notices {
        fileprivate var calls: [@Sendable () -> Void] = []

        func send() {
            for call in calls { call() }
        }
    }

    /// Adds a stream.
    ///
    /// - Returns: what to remove it by.
    mutating func add(_ continuation: AsyncStream<ApplicationStage>.Continuation) -> Int {
        nextKey += 1
        continuations[nextKey] = continuation
        return nextKey
    }

    mutating func remove(_ key: Int) { continuations[key] = nil }

    /// Who is to be told of what actions announce; at the end of the application all streams end.
    mutating func notices(of actions: [SupervisorState.Action]) -> Notices {
        var notices = Notices()
        for action in actions {
            switch action {
            case .announce(let stage): notices.calls += continuations.values.map { watcher in { watcher.yield(stage) } }
            case .end:
                notices.calls += continuations.values.map { watcher in { watcher.finish() } }
                continuations = [:]
            case .run, .drain, .fireStop, .cancel, .adopt, .endStep, .log: break
            }
        }
        return notices
    }
}
