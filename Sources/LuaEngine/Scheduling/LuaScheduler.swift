import CWippyLua
import CWippyLuaShim
import WippyCollections

/// Runs the coroutines of a state's call one at a time, and performs the operations that they wait for.
final class LuaScheduler {
    private let lua: OpaquePointer
    private let shim: UnsafeMutablePointer<wippy_lua_state>
    private var main: Coroutine?
    /// The coroutines that can run, in order of arrival.
    private var ready = Deque<Coroutine>()
    private var coroutines: [ObjectIdentifier: Coroutine] = [:]
    private(set) var current: Coroutine?
    private(set) var isBusy = false
    private(set) var isBroken = false
    private var failure: LuaFailure?
    /// Background operations that have not begun yet.
    private var background: [LuaBackground] = []
    private var begun: [ObjectIdentifier: LuaBackground] = [:]
    private(set) var cleanups: [ObjectIdentifier: any LuaCleanup] = [:]
    private var cleanupOrder: [ObjectIdentifier] = []
    private var directWaits = 0
    /// The values whose objects are gone.
    let dropped = DroppedReferences()

    /// True if the call has had only one coroutine so far, no failure and nothing to clean up, like most calls.
    ///
    /// Such a call skips the steps that only other calls need.
    private var isPlain = true

    init(_ lua: OpaquePointer, _ shim: UnsafeMutablePointer<wippy_lua_state>) {
        self.lua = lua
        self.shim = shim
    }

    var isEnding: Bool { shim.pointee.ending != WIPPY_LUA_GOES_ON }

    func forgetAll() {
        ready = Deque()
        coroutines = [:]
        cleanups = [:]
    }

    /// Pushes the function and its arguments on the call's main coroutine, and runs the coroutine as far as it goes.
    func start(_ function: LuaReference, _ push: (LuaStack) throws -> Int) throws(LuaFailure) -> Progress {
        guard !isBroken else { throw LuaFailure(.unusable, "the Lua state ran out of memory and is not used again") }
        guard !isBusy else { throw LuaFailure(.unusable, "the Lua state runs another call") }
        isBusy = true
        isPlain = true
        let main = main ?? makeCoroutine()
        self.main = main
        _ = dropped.release(in: lua)
        main.isOver = false
        let stack = LuaStack(main.lua)
        stack.push(function)
        do {
            main.arguments = Int32(try push(stack))
        } catch {
            stack.setCount(0)
            isBusy = false
            throw LuaFailure(raised: LuaError(error))
        }
        return run(main)
    }

    private func makeReady(_ coroutine: Coroutine) {
        isPlain = false
        guard !coroutine.isReady else { return }
        coroutine.isReady = true
        ready.append(coroutine)
    }

    private func makeCoroutine() -> Coroutine {
        let thread = wippy_lua_new_thread(lua)
        return Coroutine(thread, key: luaL_ref(lua, wippy_lua_registry()))
    }

    /// The progress of a call.
    enum Progress: Sendable {
        /// The main coroutine has returned, or something has failed.
        case ended
        /// Every coroutine waits.
        case blocked
        /// The call has used its slice of time and can go on.
        case slice
        /// The call must collect garbage before it goes on.
        case memory
    }

    /// Runs all coroutines that can run, without waiting.
    ///
    /// - Parameter first: the coroutine to resume before those that are ready.
    private func run(_ first: Coroutine? = nil) -> Progress {
        wippy_lua_enter(shim)
        defer { wippy_lua_leave(shim) }
        var next = first ?? nextReady()
        while let coroutine = next {
            current = coroutine
            var results: Int32 = 0
            let status = wippy_lua_resume(shim, coroutine.lua, coroutine.arguments, &results)
            current = nil
            coroutine.arguments = 0
            switch status {
            case LUA_OK:
                coroutine.isOver = true
                if coroutine === main { return .ended }
                remove(coroutine)
            case LUA_YIELD:
                switch shim.pointee.outward {
                case WIPPY_LUA_OUTWARD_SLICE:
                    wippy_lua_note_time(shim)
                    makeReady(coroutine)
                    return .slice
                case WIPPY_LUA_OUTWARD_MEMORY:
                    makeReady(coroutine)
                    return .memory
                default: break
                }
            default:
                fail(coroutine)
                return .ended
            }
            if shim.pointee.overdue != 0 {
                // The slice ended between two coroutines.
                wippy_lua_note_time(shim)
                return .slice
            }
            next = nextReady()
        }
        return .blocked
    }

    /// Takes the first ready coroutine that is not over.
    private func nextReady() -> Coroutine? {
        guard !isPlain else { return nil }
        while let coroutine = ready.popFirst() {
            coroutine.isReady = false
            if !coroutine.isOver { return coroutine }
        }
        return nil
    }

    private func fail(_ coroutine: Coroutine) {
        coroutine.isOver = true
        let stack = LuaStack(coroutine.lua)
        let error = stack.error(at: -1)
        let text: String
        if let error {
            text = error.description
        } else {
            stack.pushText(at: -1)
            text = stack.withBytes(at: -1) { LuaFailure.text(of: $0) } ?? "?"
            stack.pop()
        }
        luaL_traceback(lua, coroutine.lua, nil, 0)
        let traceback = LuaStack(lua).string(at: -1) ?? ""
        LuaStack(lua).pop()
        fail(LuaFailure(.raised, text, error: error, traceback: traceback))
    }

    private func fail(_ failure: LuaFailure) {
        isPlain = false
        self.failure = failure
    }

    private func remove(_ coroutine: Coroutine) {
        coroutines[ObjectIdentifier(coroutine)] = nil
        wippy_lua_own(lua, coroutine.lua, false)
        luaL_unref(lua, wippy_lua_registry(), coroutine.key)
    }

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
                guard background.isEmpty, begun.isEmpty else { return true }
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
                if let ended = begun.removeValue(forKey: id), !ended.isCancelled {
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
        for item in background where !item.isCancelled {
            let id = ObjectIdentifier(item)
            begun[id] = item
            let operation = item.operation
            let task = Task { await operation() }
            item.task = task
            group.addTask {
                await withTaskCancellationHandler {
                    await task.value
                } onCancel: {
                    task.cancel()
                }
                return .background(id)
            }
            count += 1
        }
        background = []
        return count
    }

    private func endInDeadlock() {
        fail(
            LuaFailure(
                .deadlock, "deadlock: every coroutine waits for a channel, and nothing is left that could wake one"))
    }

    /// Makes the script end: each further step of the script raises an error.
    private func cancel() {
        guard shim.pointee.ending == WIPPY_LUA_GOES_ON else { return }
        shim.pointee.ending = WIPPY_LUA_CANCELLED
        guard let main else { return }
        main.operation = nil
        main.next = { _ in throw CancellationError() }
        makeReady(main)
    }

    /// Runs on the engine's pool until the call waits or ends, so that the caller's executor can serve others.
    private func goOn(after progress: Progress) async -> Progress {
        let own = Borrowed(scheduler: self)
        return await withTaskExecutorPreference(LuaThreads.pool) { await Self.continueThere(own, after: progress) }
    }

    /// `@unchecked Sendable`: the lender waits until the borrower is done.
    private struct Borrowed: @unchecked Sendable {
        let scheduler: LuaScheduler
    }

    @concurrent private static func continueThere(_ borrowed: Borrowed, after first: Progress) async -> Progress {
        let scheduler = borrowed.scheduler
        var progress = first
        while true {
            switch progress {
            case .slice: await Task.yield()
            case .memory: scheduler.collect()
            case .ended, .blocked: return progress
            }
            if Task.isCancelled { scheduler.cancel() }
            scheduler.shim.pointee.is_away = true
            progress = scheduler.run()
            scheduler.shim.pointee.is_away = false
        }
    }

    /// Collects garbage, to find out whether the state needs the memory that it holds.
    private func collect() {
        collectGarbage()
        shim.pointee.swollen = 0
        let (used, limit) = (shim.pointee.used, shim.pointee.limit)
        if used > limit {
            shim.pointee.out_of_memory = 1
            shim.pointee.trigger = used + limit / 4
        } else {
            shim.pointee.trigger = max(limit, used + limit / 4)
        }
    }

    /// Releases all values that the script cannot reach.
    func collectGarbage() {
        wippy_lua_collect(lua)
        if dropped.release(in: lua) { wippy_lua_collect(lua) }
    }

    /// The failure of the call; nil if the call has succeeded and its results are on the main coroutine's stack.
    var outcome: LuaFailure? {
        switch shim.pointee.ending {
        case WIPPY_LUA_GOES_ON: return isPlain ? nil : failure
        case WIPPY_LUA_RAN_TOO_LONG: return ended(.ranTooLong, "the script ran too long without waiting")
        case WIPPY_LUA_CANCELLED: return ended(.cancelled, "the call was cancelled")
        default: return ended(.outOfMemory, "not enough memory")
        }
    }

    private func ended(_ reason: LuaFailure.Reason, _ message: String) -> LuaFailure {
        LuaFailure(reason, failure?.message ?? message, traceback: failure?.traceback ?? "")
    }

    /// The main coroutine's stack, which has the results.
    var results: LuaStack? { main.map { LuaStack($0.lua) } }

    /// Prepares the state for the next call, when the results have been read.
    ///
    /// - Returns: true if ``cleanUp()`` must be called first.
    func end() -> Bool {
        if shim.pointee.ending == WIPPY_LUA_BROKE_CEILING { isBroken = true }
        if !isPlain || isEnding { forgetRest() }
        if let main { lua_settop(main.lua, 0) }
        shim.pointee.ending = WIPPY_LUA_GOES_ON
        shim.pointee.out_of_memory = 0
        shim.pointee.overdue = 0
        shim.pointee.swollen = 0
        shim.pointee.run = 0
        shim.pointee.trigger = max(shim.pointee.limit, min(shim.pointee.trigger, shim.pointee.used))
        isBusy = !isPlain && !cleanupOrder.isEmpty
        return isBusy
    }

    /// Ends everything of the call except its main coroutine.
    private func forgetRest() {
        for item in begun.values { item.cancel() }
        begun = [:]
        background = []
        if !coroutines.isEmpty || failure != nil || isEnding || main?.isOver != true { reset() }
        while let coroutine = ready.popFirst() { coroutine.isReady = false }
        failure = nil
    }

    /// Runs the cleanups that the call has left.
    func cleanUp() async {
        while let id = cleanupOrder.popLast() {
            if let cleanup = cleanups.removeValue(forKey: id) { await cleanup.cleanUp() }
        }
        isBusy = false
    }

    /// Ends all coroutines, wherever they are.
    private func reset() {
        // If code of a `__close` field still runs meanwhile, it raises an error at once.
        if shim.pointee.ending == WIPPY_LUA_GOES_ON { shim.pointee.ending = WIPPY_LUA_CANCELLED }
        wippy_lua_enter(shim)
        wippy_lua_end_owned(lua)
        for coroutine in coroutines.values {
            coroutine.isOver = true
            luaL_unref(lua, wippy_lua_registry(), coroutine.key)
        }
        coroutines = [:]
        if let main {
            wippy_lua_end(lua, main.lua)
            luaL_unref(lua, wippy_lua_registry(), main.key)
            self.main = nil
        }
        wippy_lua_leave(shim)
    }

    func suspend(for wait: LuaWait) {
        guard case .operation(let operation, then: let finish) = wait, let current else { return }
        current.operation = operation
        current.next = finish
    }

    /// Continues the current coroutine after its wait.
    func goOn(_ stack: LuaStack) throws -> LuaVerdict {
        guard let current, let next = current.next else { return .none }
        current.next = nil
        defer { if shim.pointee.stopped { current.next = next } }
        return try next(stack)
    }

    /// Wakes a coroutine that waits for an event.
    func wake(_ coroutine: Coroutine, _ next: @escaping (LuaStack) throws -> LuaVerdict) {
        coroutine.next = next
        makeReady(coroutine)
    }

    /// Pops the function on top of a stack, starts a coroutine with it, and pushes the coroutine's thread.
    func spawn(from stack: LuaStack) {
        if coroutines.isEmpty, let main { wippy_lua_own(lua, main.lua, true) }
        let coroutine = makeCoroutine()
        coroutines[ObjectIdentifier(coroutine)] = coroutine
        wippy_lua_own(lua, coroutine.lua, true)
        lua_xmove(stack.lua, coroutine.lua, 1)
        lua_pushthread(coroutine.lua)
        lua_xmove(coroutine.lua, stack.lua, 1)
        makeReady(coroutine)
    }

    func add(_ item: LuaBackground) throws(LuaRaise) {
        guard background.count + begun.count < LuaBackground.maxCount else {
            throw LuaRaise("more than \(LuaBackground.maxCount) timers or subscriptions")
        }
        isPlain = false
        background.append(item)
    }

    func add(_ cleanup: any LuaCleanup) {
        isPlain = false
        let id = ObjectIdentifier(cleanup)
        if cleanups.updateValue(cleanup, forKey: id) == nil { cleanupOrder.append(id) }
    }

    func remove(_ cleanup: any LuaCleanup) {
        cleanups[ObjectIdentifier(cleanup)] = nil
    }
}
