import CWippyLua
import CWippyLuaShim
import WippyCollections

/// Runs the coroutines of a state's call one at a time, and performs the operations that they wait for.
final class LuaScheduler {
    private let lua: OpaquePointer
    private let shim: UnsafeMutablePointer<wippy_lua_state>
    private var main: Routine?
    /// The routines that can run, in the order in which they became ready.
    private var ready = Deque<Routine>()
    private var routines: [ObjectIdentifier: Routine] = [:]
    private(set) var current: Routine?
    private(set) var isBusy = false
    private(set) var isBroken = false
    private var failure: LuaFailure?
    /// Background operations that have not begun yet.
    private var background: [LuaBackground] = []
    private var begun: [ObjectIdentifier: LuaBackground] = [:]
    private var cleanups: [ObjectIdentifier: any LuaCleanup] = [:]
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
        routines = [:]
        cleanups = [:]
    }

    /// Pushes the function and its arguments on the call's main routine, and runs the routine until it waits or ends.
    func start(_ function: LuaReference, _ push: (LuaStack) throws -> Int) throws(LuaFailure) -> Progress {
        guard !isBroken else { throw LuaFailure(.unusable, "the Lua state ran out of memory and is not used again") }
        guard !isBusy else { throw LuaFailure(.unusable, "the Lua state runs another call") }
        isBusy = true
        isPlain = true
        let main = main ?? makeRoutine()
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
            throw LuaFailure(.raised, "\(error)", error: LuaError(error))
        }
        return run(main)
    }

    private func makeReady(_ routine: Routine) {
        isPlain = false
        guard !routine.isReady else { return }
        routine.isReady = true
        ready.append(routine)
    }

    private func makeRoutine() -> Routine {
        let coroutine = wippy_lua_new_thread(lua)
        return Routine(coroutine, key: luaL_ref(lua, wippy_lua_registry()))
    }

    /// The progress of a call.
    enum Progress: Sendable {
        /// The main routine has returned, or something has failed.
        case ended
        /// Every routine waits.
        case blocked
        /// The call has used its slice of time and can go on.
        case slice
        /// The call must collect garbage before it goes on.
        case memory
    }

    /// Runs all routines that can run, without waiting.
    ///
    /// - Parameter first: the routine to resume before those that are ready.
    private func run(_ first: Routine? = nil) -> Progress {
        wippy_lua_enter(shim)
        defer { wippy_lua_leave(shim) }
        var next = first ?? nextReady()
        while let routine = next {
            current = routine
            var results: Int32 = 0
            let status = wippy_lua_resume(shim, routine.lua, routine.arguments, &results)
            current = nil
            routine.arguments = 0
            switch status {
            case LUA_OK:
                routine.isOver = true
                if routine === main { return .ended }
                remove(routine)
            case LUA_YIELD:
                switch shim.pointee.outward {
                case WIPPY_LUA_OUTWARD_SLICE:
                    wippy_lua_note_time(shim)
                    makeReady(routine)
                    return .slice
                case WIPPY_LUA_OUTWARD_MEMORY:
                    makeReady(routine)
                    return .memory
                default: break
                }
            default:
                fail(routine)
                return .ended
            }
            if shim.pointee.overdue != 0 {
                // The slice ended between two routines.
                wippy_lua_note_time(shim)
                return .slice
            }
            next = nextReady()
        }
        return .blocked
    }

    /// Takes the first ready routine that is not over.
    private func nextReady() -> Routine? {
        guard !isPlain else { return nil }
        while let routine = ready.popFirst() {
            routine.isReady = false
            if !routine.isOver { return routine }
        }
        return nil
    }

    private func fail(_ routine: Routine) {
        routine.isOver = true
        let stack = LuaStack(routine.lua)
        let error = stack.error(at: -1)
        let text: String
        if let error {
            text = error.description
        } else {
            stack.pushText(at: -1)
            text = stack.withBytes(at: -1) { LuaFailure.text(of: $0) } ?? "?"
            stack.pop()
        }
        luaL_traceback(lua, routine.lua, nil, 0)
        let traceback = LuaStack(lua).string(at: -1) ?? ""
        LuaStack(lua).pop()
        fail(LuaFailure(.raised, text, error: error, traceback: traceback))
    }

    private func fail(_ failure: LuaFailure) {
        isPlain = false
        self.failure = failure
    }

    private func remove(_ routine: Routine) {
        routines[ObjectIdentifier(routine)] = nil
        wippy_lua_own(lua, routine.lua, false)
        luaL_unref(lua, wippy_lua_registry(), routine.key)
    }

    /// Continues after the first part of the run, until the main routine has ended.
    func finish(_ first: Progress) async {
        guard await alone(first) else { return }
        await withTaskGroup(of: Arrival.self) { group in
            await together(&group)
            group.cancelAll()
        }
    }

    /// Continues while at most the main routine waits for an operation, which the call's own task then performs.
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
                guard routines.isEmpty, let main, let operation = main.operation else {
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
        main?.operation != nil || routines.values.contains { $0.operation != nil }
    }

    private func arrived(_ routine: Routine) {
        shim.pointee.run = 0
        makeReady(routine)
    }

    private enum Arrival: Sendable {
        case routine(ObjectIdentifier)
        case background(ObjectIdentifier)
    }

    private func together(_ group: inout TaskGroup<Arrival>) async {
        var pending = begin(in: &group)
        while let arrival = await group.next() {
            pending -= 1
            switch arrival {
            case .routine(let id):
                if let routine = id == main.map(ObjectIdentifier.init) ? main : routines[id] { arrived(routine) }
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
        for routine in Array(routines.values) + [main].compactMap({ $0 }) {
            guard let operation = routine.operation else { continue }
            routine.operation = nil
            let id = ObjectIdentifier(routine)
            group.addTask {
                await operation()
                return .routine(id)
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

    /// The failure of the call; nil if its results are on the main routine's stack.
    var outcome: LuaFailure? {
        switch shim.pointee.ending {
        case WIPPY_LUA_GOES_ON: return isPlain ? nil : failure
        case WIPPY_LUA_RAN_TOO_LONG: return ended(.ranTooLong, "the script ran too long without a pause")
        case WIPPY_LUA_CANCELLED: return ended(.cancelled, "the call was cancelled")
        default: return ended(.outOfMemory, "not enough memory")
        }
    }

    private func ended(_ reason: LuaFailure.Reason, _ message: String) -> LuaFailure {
        LuaFailure(reason, failure?.message ?? message, traceback: failure?.traceback ?? "")
    }

    /// The main routine's stack, which has the results.
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

    /// Ends everything of the call except its main routine.
    private func forgetRest() {
        for item in begun.values { item.cancel() }
        begun = [:]
        background = []
        if !routines.isEmpty || failure != nil || isEnding || main?.isOver != true { reset() }
        while let routine = ready.popFirst() { routine.isReady = false }
        failure = nil
    }

    /// Runs the cleanups that the call has left.
    func cleanUp() async {
        while let id = cleanupOrder.popLast() {
            if let cleanup = cleanups.removeValue(forKey: id) { await cleanup.cleanUp() }
        }
        isBusy = false
    }

    /// Ends all routines, at any step.
    private func reset() {
        // If code of a `__close` field still runs meanwhile, it raises an error at once.
        if shim.pointee.ending == WIPPY_LUA_GOES_ON { shim.pointee.ending = WIPPY_LUA_CANCELLED }
        wippy_lua_enter(shim)
        wippy_lua_end_owned(lua)
        for routine in routines.values {
            routine.isOver = true
            luaL_unref(lua, wippy_lua_registry(), routine.key)
        }
        routines = [:]
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

    /// Continues the current routine after its wait.
    func goOn(_ stack: LuaStack) throws -> LuaVerdict {
        guard let current, let next = current.next else { return .none }
        current.next = nil
        defer { if shim.pointee.stopped { current.next = next } }
        return try next(stack)
    }

    /// Wakes a routine that waits for an event.
    func wake(_ routine: Routine, _ next: @escaping (LuaStack) throws -> LuaVerdict) {
        routine.next = next
        makeReady(routine)
    }

    /// Pops the function on top of a stack, starts a routine with it, and pushes the routine's thread.
    func spawn(from stack: LuaStack) {
        if routines.isEmpty, let main { wippy_lua_own(lua, main.lua, true) }
        let routine = makeRoutine()
        routines[ObjectIdentifier(routine)] = routine
        wippy_lua_own(lua, routine.lua, true)
        lua_xmove(stack.lua, routine.lua, 1)
        lua_pushthread(routine.lua)
        lua_xmove(routine.lua, stack.lua, 1)
        makeReady(routine)
    }

    func add(_ item: LuaBackground) throws(LuaRaise) {
        guard background.count + begun.count < LuaBackground.countMax else {
            throw LuaRaise("more than \(LuaBackground.countMax) timers or subscriptions")
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
