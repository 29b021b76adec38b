import CWippyLua
import CWippyLuaShim

/// The waits of a call, for one operation or for several at once.
extension LuaScheduler {
    /// Continues after the first stretch of running, until the main coroutine has ended.
    func finish(_ first: Progress) async {
        guard await alone(first) else { return }
        await withTaskGroup(of: Arrival.self) { group in
            await together(&group)
            group.cancelAll()
        }
    }

    /// Continues while at most the main coroutine waits for an operation.
    ///
    /// - Returns: true if the call must wait for several things at once.
    private func alone(_ first: Progress) async -> Bool {
        var progress = first
        while true {
            switch progress {
            case .ended: return false
            case .slice, .memory: progress = await goOn(after: progress)
            case .blocked:
                guard background.isEmpty else { return true }
                guard coroutines.isEmpty, let main, let operation = main.operation else {
                    guard hasOperation else {
                        endInDeadlock()
                        return false
                    }
                    return true
                }
                main.operation = nil
                await operation()
                shim.pointee.run = 0
                // From time to time other tasks get the executor, because an operation may end without a wait.
                directWaits += 1
                if directWaits % 64 == 0 { await Task.yield() }
                if Task.isCancelled {
                    cancel()
                    makeReady(main)
                    progress = run()
                } else {
                    progress = run(main)
                }
            }
        }
    }

    private var hasOperation: Bool {
        main?.operation != nil || coroutines.values.contains { $0.operation != nil }
    }

    private func arrived(_ coroutine: Coroutine) {
        shim.pointee.run = 0
        makeReady(coroutine)
    }

    private enum Arrival: Sendable {
        case coroutine(ObjectIdentifier)
        case background(ObjectIdentifier)
    }

    private func together(_ group: inout TaskGroup<Arrival>) async {
        var pending = begin(in: &group)
        while let arrival = await group.next() {
            pending -= 1
            switch arrival {
            case .coroutine(let id):
                if let coroutine = id == main.map(ObjectIdentifier.init) ? main : coroutines[id] { arrived(coroutine) }
            case .background(let id):
                shim.pointee.run = 0
                if let ended = background.end(id), !ended.isCancelled {
                    ended.finish(LuaStack(lua))
                    lua_settop(lua, 0)
                }
            }
            if Task.isCancelled { cancel() }
            var progress = run()
            while progress == .slice || progress == .memory { progress = await goOn(after: progress) }
            if progress == .ended { return }
            pending += begin(in: &group)
            if pending == 0 { return endInDeadlock() }
        }
    }

    /// Begins the operations that have not begun, as children of the call's task.
    private func begin(in group: inout TaskGroup<Arrival>) -> Int {
        var count = 0
        for coroutine in Array(coroutines.values) + [main].compactMap({ $0 }) {
            guard let operation = coroutine.operation else { continue }
            coroutine.operation = nil
            let id = ObjectIdentifier(coroutine)
            group.addTask {
                await operation()
                return .coroutine(id)
            }
            count += 1
        }
        for item in background.begin() {
            let id = ObjectIdentifier(item)
            let operation = item.operation
            group.addTask {
                await operation()
                return .background(id)
            }
            count += 1
        }
        return count
    }

    private func endInDeadlock() {
        fail(
            LuaFailure(
                .deadlock, "deadlock: every coroutine waits for a channel, and nothing is left that could wake one"))
    }

    /// Makes the script end: each further step of the script raises an error.
    func cancel() {
        guard shim.pointee.ending == WIPPY_LUA_GOES_ON else { return }
        shim.pointee.ending = WIPPY_LUA_CANCELLED
        guard let main else { return }
        main.operation = nil
        main.next = { _ in throw CancellationError() }
        makeReady(main)
    }
}
