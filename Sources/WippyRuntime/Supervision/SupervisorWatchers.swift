import WippyDefinition

/// Who watches the services and the application.
///
/// Who is told what is decided together with the change itself, so that a stream neither misses nor repeats one;
/// telling them is done later, with no lock held.
struct SupervisorWatchers {
    /// Streams of one sort, by what they watch.
    struct Group<Subject: Hashable & Sendable, Element: Sendable> {
        private var continuations: [Subject: [Int: AsyncStream<Element>.Continuation]] = [:]
        private var nextKey = 0

        /// Adds a stream.
        ///
        /// - Returns: what to remove it by.
        mutating func add(_ continuation: AsyncStream<Element>.Continuation, of subject: Subject) -> Int {
            nextKey += 1
            continuations[subject, default: [:]][nextKey] = continuation
            return nextKey
        }

        mutating func remove(_ key: Int, of subject: Subject) {
            continuations[subject]?.removeValue(forKey: key)
            if continuations[subject]?.isEmpty == true { continuations[subject] = nil }
        }

        func notices(_ element: Element, of subject: Subject) -> [@Sendable () -> Void] {
            guard let watchers = continuations[subject] else { return [] }
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

    var services = Group<EntryID, ServiceState>()
    var application = Group<Supervisor.Whole, ApplicationStage>()

    /// Who is to be told of what actions announce; at the end of the application all streams end.
    ///
    /// - Parameter graph: the services after the actions.
    mutating func notices(of actions: [SupervisorState.Action], in graph: ServiceGraph) -> Notices {
        var notices = Notices()
        for action in actions {
            switch action {
            case .announce(let index, let state): notices.calls += services.notices(state, of: graph.nodes[index].id)
            case .announceStage(let stage):
                notices.calls += application.notices(stage, of: Supervisor.Whole())
            case .end: notices.calls += services.finish() + application.finish()
            case .run, .drain, .fireStop, .cancel, .adopt, .endStep, .log: break
            }
        }
        return notices
    }
}
