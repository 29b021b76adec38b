import Synchronization

/// What callbacks have reported so far, for a test to wait on.
final class Events<Element: Sendable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var elements: [Element] = []
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private struct Waiter {
        let isSatisfied: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    /// The condition a test waited for did not come true within the limit.
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    var all: [Element] { state.withLock { $0.elements } }

    func append(_ element: Element) {
        let satisfied = state.withLock { state in
            state.elements.append(element)
            let elements = state.elements
            let satisfied = state.waiters.filter { $0.value.isSatisfied(elements) }
            for id in satisfied.keys { state.waiters[id] = nil }
            return satisfied.values.map(\.continuation)
        }
        for continuation in satisfied { continuation.resume(returning: true) }
    }

    /// Waits until as many events as that have come, and returns all.
    @discardableResult
    func wait(forCount count: Int) async throws -> [Element] {
        try await wait { $0.count >= count }
    }

    /// Waits, a minute at most, until the events satisfy the condition, and returns all.
    @discardableResult
    func wait(until isSatisfied: @escaping @Sendable ([Element]) -> Bool) async throws -> [Element] {
        let isInTime = await withCheckedContinuation { continuation in
            let id: Int? = state.withLock { state in
                guard !isSatisfied(state.elements) else { return nil }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = Waiter(isSatisfied: isSatisfied, continuation: continuation)
                return state.nextWaiter
            }
            guard let id else { return continuation.resume(returning: true) }
            Task.detached { [weak self] in
                try? await Task.sleep(for: .seconds(60))
                self?.state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: false)
            }
        }
        let all = all
        guard isInTime else {
            throw TimedOut(description: "waited 60 s in vain; so far \(all.count): \(all.prefix(20))")
        }
        return all
    }
}
