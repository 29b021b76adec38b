import CWippyUV
import Glibc
import Synchronization
import WippyCollections

/// What a loop runs between two looks at its sockets.
private enum Work {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// A libuv loop on its own thread, and the executor of the tasks that prefer it.
///
/// A task started with `Task(executorPreference: loop)` runs on the loop's thread, and so do its children. It also
/// resumes there, wherever the resumption comes from. Between two looks at its sockets the loop runs at most
/// `jobsPerTurn` jobs, in the order in which they became ready. Then it writes what they queued on connections.
///
/// A loop is only a task executor. If a class is also a serial executor, every job is enqueued twice.
///
/// `@unchecked Sendable`: everything mutable here is touched on the loop's thread only, except `outside`, which is
/// behind a lock, and the wake-up handle, which libuv lets any thread signal and which lives as long as the instance.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    /// How many jobs run before the loop looks at its sockets again.
    public static let jobsPerTurn = 256

    /// How long a turn may take before it counts as a stall.
    public static let stallThreshold: Duration = .milliseconds(100)

    /// Called on the loop's thread after a stall, with its length, and with the number given to `beginWork` by the work
    /// that caused it, if that is known.
    ///
    /// It must not block.
    public typealias StallReport = @Sendable (EventLoop, Duration, UInt?) -> Void

    /// The loop's position in its group, from 0.
    public let index: Int

    let handles: LoopHandles
    private let onStall: StallReport?

    private let outside = Mutex(Outside())
    /// It has no bound: every entry is a task that somebody started and that is alive anyway.
    private var work = Deque<Work>()
    private var incoming: [Work] = []
    private var unflushed: [Connection] = []
    private var flushing: [Connection] = []
    /// Timers whose time has come, until the sockets have been looked at.
    private var due: [LoopTimer] = []
    private var turnBegan: UInt64 = 0
    private var watch = LoopWatch()
    private var ending: Ending = .no
    /// How many connections, timers, acceptors and watched folders have a handle here, those included that wait for
    /// their close callback.
    var openHandles = 0

    /// What other threads leave for the loop.
    private struct Outside {
        var work: [Work] = []
        /// The loop has been signalled and has not looked yet.
        var isSignalled = false
        var isEnding = false
        var hasEnded = false
    }

    private enum Ending: Equatable {
        case no
        case closing(turnsLeft: Int)
        case done
    }

    init(index: Int, onStall: StallReport?) throws(SocketError) {
        self.index = index
        self.onStall = onStall
        handles = try LoopHandles()
        handles.attach(self)
    }

    /// The loop of the calling thread; nil on any other thread.
    public static var current: EventLoop? {
        CurrentLoop.get()
    }

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool {
        CurrentLoop.isCurrent(self)
    }

    /// The loop's time in milliseconds since an arbitrary moment.
    ///
    /// It never goes back.
    ///
    /// It is the time of the current turn, and does not change while a job runs. Use it only on the loop's thread.
    public var nowMilliseconds: UInt64 {
        assertCurrent()
        return uv_now(handles.loop)
    }

    /// Queues a job; see `TaskExecutor`.
    ///
    /// A loop that has ended passes it to Swift's shared pool, so that a task that outlives its loop still finishes.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !submit(.job(job)) {
            globalConcurrentExecutor.enqueue(ExecutorJob(job))
        }
    }

    /// Runs `body` on the loop's thread, in turn with its jobs; never inside this call.
    ///
    /// - Returns: False if the loop has ended. Then `body` never runs.
    @discardableResult
    public func execute(_ body: @escaping @Sendable () -> Void) -> Bool {
        submit(.body(body))
    }

    private func submit(_ item: Work) -> Bool {
        if isCurrent, ending != .done {
            work.append(item)
            return true
        }
        let (isAccepted, needsSignal) = outside.withLock { outside in
            guard !outside.hasEnded else { return (false, false) }
            outside.work.append(item)
            defer { outside.isSignalled = true }
            return (true, !outside.isSignalled)
        }
        if needsSignal { handles.signal() }
        return isAccepted
    }

    /// Notes what work the current task does from now on, wherever it resumes, so that a stall can name the work.
    ///
    /// Call it on the loop's thread.
    ///
    /// - Parameter number: the caller's number for the work.
    /// - Returns: a number for `endWork`.
    public func beginWork(_ number: UInt) -> Int {
        assertCurrent()
        return watch.begin(number)
    }

    /// Notes that the work has ended.
    ///
    /// Call it once, on the loop's thread.
    public func endWork(_ work: Int) {
        assertCurrent()
        watch.end(work)
    }

    func assertCurrent(_ function: StaticString = #function) {
        assert(isCurrent || hasEnded, "\(function) belongs to the loop's thread")
    }

    var hasEnded: Bool { outside.withLock { $0.hasEnded } }
    var isEnding: Bool { ending != .no }
}

extension EventLoop {
    /// Runs the loop on the calling thread until `end()` has been called and everything on it is closed.
    func run() {
        CurrentLoop.set(self)
        uv_update_time(handles.loop)
        turnBegan = uv_now(handles.loop)
        uv_run(handles.loop, UV_RUN_DEFAULT)
        CurrentLoop.set(nil)
    }

    /// Makes the loop close everything on it and end its thread; from any thread, legal twice.
    func end() {
        let needsSignal = outside.withLock { outside in
            guard !outside.hasEnded else { return false }
            outside.isEnding = true
            defer { outside.isSignalled = true }
            return !outside.isSignalled
        }
        if needsSignal { handles.signal() }
    }

    /// Puts the connection among those that are written out at the end of the turn.
    func flushLater(_ connection: Connection) {
        unflushed.append(connection)
    }

    func wakeUpReceived() {
        let mustEnd = outside.withLock { outside in
            outside.isSignalled = false
            swap(&outside.work, &incoming)
            return outside.isEnding
        }
        for item in incoming { work.append(item) }
        incoming.removeAll(keepingCapacity: incoming.count <= Self.jobsPerTurn)
        if mustEnd, ending == .no { ending = .closing(turnsLeft: Self.turnsAtEnd) }
    }

    /// Has the timer fire once the sockets have been looked at.
    func fireAfterPoll(_ timer: LoopTimer) {
        due.append(timer)
    }

    func pollReturned() {
        turnBegan = uv_now(handles.loop)
        guard !due.isEmpty else { return }
        let firing = due
        due = []
        for timer in firing { timer.fireIfDue() }
    }

    /// The end of a turn: all that became ready runs, what it wrote goes out, and only then may the loop wait.
    func pollIsNext() {
        runJobs()
        flushConnections()
        if ending != .no { continueEnding() }
        handles.mayWait = work.isEmpty && unflushed.isEmpty && due.isEmpty && ending == .no
        noticeStall()
    }

    private func runJobs() {
        let executor = asUnownedTaskExecutor()
        var left = Self.jobsPerTurn
        watch.beginTurn()
        while left > 0, let next = work.popFirst() {
            left -= 1
            switch next {
            case .job(let job):
                job.runSynchronously(on: executor)
                watch.ended(job)
            case .body(let body):
                body()
                watch.ended(nil)
            }
        }
    }

    private func flushConnections() {
        guard !unflushed.isEmpty else { return }
        swap(&unflushed, &flushing)
        for connection in flushing { connection.flushAtEndOfTurn() }
        flushing.removeAll(keepingCapacity: true)
    }

    private func noticeStall() {
        uv_update_time(handles.loop)
        let milliseconds = uv_now(handles.loop) - turnBegan
        turnBegan = uv_now(handles.loop)
        guard let onStall, .milliseconds(milliseconds) > Self.stallThreshold else { return }
        onStall(self, .milliseconds(milliseconds), watch.culprit)
    }

    /// How many turns the tasks on an ending loop get to see that their connections are gone.
    private static let turnsAtEnd = 1024

    private func continueEnding() {
        guard case .closing(let turnsLeft) = ending else { return }
        if openHandles > 0 {
            handles.closeAll()
        } else if work.isEmpty || turnsLeft == 0 {
            finishEnding()
        } else {
            ending = .closing(turnsLeft: turnsLeft - 1)
        }
    }

    private func finishEnding() {
        let others = outside.withLock { outside in
            outside.hasEnded = true
            defer { outside.work = [] }
            return outside.work
        }
        ending = .done
        for item in others { work.append(item) }
        while let next = work.popFirst() {
            switch next {
            case .job(let job): globalConcurrentExecutor.enqueue(ExecutorJob(job))
            case .body(let body): body()
            }
        }
        uv_stop(handles.loop)
    }
}
