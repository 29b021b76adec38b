import CWippyLuaShim
import WippyThreads

/// The work of a call that does not wait for a long time: it continues on the engine's pool.
extension LuaScheduler {
    /// Runs on the engine's pool until the call waits or ends, so that the caller's executor can serve others.
    func goOn(after progress: Progress) async -> Progress {
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
}
