/// Who watches the services and the application.
///
/// Who is told what is decided together with the change itself, so that a stream neither misses nor repeats one;
/// telling them is done later, with no lock held.
struct SupervisorWatchers {
    /// Streams of one sort, by what they watch.
    struct Group<Element: Sendable> {
        private var continuations: [Int: [Int: AsyncStream<Element>.Continuation]] = [:]
        private var nextKey = 0

        /// Adds a stream.
        ///
        /// - Returns: what to remove it by.
        mutating func add(_ continuation: AsyncStream<Element>.Continuation, at index: Int) -> Int {
            nextKey += 1
            continuations[index, default: [:]][nextKey] = continuation
            return nextKey
        }

        mutating func remove(_ key: Int, at index: Int) {
            continuations[index]?.removeValue(forKey: key)
            if continuations[index]?.isEmpty == true { continuations[index] = nil }
        }

        func notices(_ element: Element, at index: Int) -> [@Sendable () -> Void] {
            guard let watchers = continuations[index] else { return [] }
            return watchers.values.map { watcher in { watcher.yield(element) } }
        }

        /// Forgets all streams, which are to be finished.
        mutating func finish() -> [@Sendable () -> Void] {
            defer { continuations = [:] }
            return continuations.values.flatMap(\.values).map { watcher in { watcher.finish() } }
        }
    }

    /// What streams are to be told, in order.
    struct Notices {
        fileprivate var calls: [@Sendable () -> Void] = []

        func send() {
            for call in calls { call() }
        }
    }

    var services = Group<ServiceState>()
    var application = Group<ApplicationStage>()

    /// Who is to be told of what actions announce; at the end of the application all streams end.
    mutating func notices(of actions: [SupervisorState.Action]) -> Notices {
        var notices = Notices()
        for action in actions {
            switch action {
            case .announce(let index, let state): notices.calls += services.notices(state, at: index)
            case .announceStage(let stage):
                notices.calls += application.notices(stage, at: 0)
            case .end: notices.calls += services.finish() + application.finish()
            case .run, .drain, .fireStop, .cancel, .log: break
            }
        }
        return notices
    }
}
