/// The watchers of the application's stages.
///
/// The notices are decided together with the change of the stage. So a stream gets each notice exactly once. They are
/// sent later, without a lock.
struct SupervisorWatchers {
    private var continuations: [Int: AsyncStream<ApplicationStage>.Continuation] = [:]
    private var nextKey = 0

    /// The values for the streams, in order.
    struct Notices {
        fileprivate var calls: [@Sendable () -> Void] = []

        func send() {
            for call in calls { call() }
        }
    }

    /// Adds a stream.
    ///
    /// - Returns: the key for removing the stream.
    mutating func add(_ continuation: AsyncStream<ApplicationStage>.Continuation) -> Int {
        nextKey += 1
        continuations[nextKey] = continuation
        return nextKey
    }

    mutating func remove(_ key: Int) { continuations[key] = nil }

    /// Returns the notices for the actions.
    ///
    /// At the end of the application, all streams end.
    mutating func notices(of actions: [SupervisorState.Action]) -> Notices {
        var notices = Notices()
        for action in actions {
            switch action {
            case .announce(let stage): notices.calls += continuations.values.map { watcher in { watcher.yield(stage) } }
            case .end:
                notices.calls += continuations.values.map { watcher in { watcher.finish() } }
                continuations = [:]
            case .run, .drain, .cancelDrain, .fireStop, .cancel, .adopt, .endStep, .log: break
            }
        }
        return notices
    }
}
