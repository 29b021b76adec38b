import CWippyUV
import Glibc
import Synchronization
import WippyCollections

/// A piece of work that a loop runs between two looks at its sockets.
private enum Work {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
}

/// A libuv loop on its own thread, and the executor of the tasks that prefer it.
///
/// A loop works in turns. In each turn it looks at its sockets, and then runs at most ``jobsPerTurn`` jobs. A job is
/// the part of a task between two waits. A closure of ``execute(_:)`` counts as a job, too. At the end of the turn, the
/// loop writes the bytes that are queued on its connections.
///
/// `@unchecked Sendable`: mutable state is used on the loop's thread only. There are two exceptions: `outside` is
/// behind a lock, and libuv lets any thread signal the wake-up handle, which lives as long as the loop.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // A loop is only a task executor. If it were a serial executor too, every job would be enqueued twice.

    /// The largest number of jobs that run before the loop looks at its sockets again: 256.
    ///
    /// A closure of ``execute(_:)`` counts as a job.
    public static let jobsPerTurn = 256

    /// The time after which a turn of the loop counts as a stall: 100 ms.
    public static let stallThreshold: Duration = .milliseconds(100)

    /// A closure that is called on the loop's thread after a stall.
    ///
    /// It must not block. It gets the loop, the length of the stall, and the number that was passed to
    /// ``EventLoop/beginWork(_:)`` for the work that caused the stall. The number is nil if the work is unknown.
    public typealias StallReport = @Sendable (EventLoop, Duration, UInt?) -> Void

    /// The loop's index in its group, from 0.
    public let index: Int

    let handles: LoopHandles
    private let onStall: StallReport?

    private let outside = Mutex(Outside())
    /// The queue has no limit, because every item belongs to a task or closure that exists anyway.
    private var work = Deque<Work>()
    private var incoming: [Work] = []
    private var unflushed: [Connection] = []
    private var flushing: [Connection] = []
    /// Timers whose deadline has come.
    ///
    /// They fire after the sockets have been read.
    private var due: [LoopTimer] = []
    private var turnBegan: UInt64 = 0
    private var watch = LoopWatch()
    private var ending: Ending = .no
    /// The number of connections, timers, watched descriptors and watched folders with a handle on this loop.
    ///
    /// Handles that wait for their close callback count, too.
    var openHandles = 0

    /// The work from other threads for the loop.
    private struct Outside {
        var work: [Work] = []
        /// True if the loop has been signalled and has not looked at the work yet.
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

    /// The loop that the calling thread runs; nil on any other thread.
    public static var current: EventLoop? {
        CurrentLoop.get()
    }

    /// True if the calling thread is the loop's thread.
    public var isCurrent: Bool {
        CurrentLoop.isCurrent(self)
    }

    /// The loop's time in milliseconds since an arbitrary moment.
    ///
    /// Use it only on the loop's thread.
    ///
    /// It does not change while a job runs, and never goes back.
    public var nowMilliseconds: UInt64 {
        assertCurrent()
        return uv_now(handles.loop)
    }

    /// Queues a job; see `TaskExecutor`.
    ///
    /// You can call it from any thread. A loop that has ended passes the job to Swift's shared pool, so a task that
    /// outlives its loop still finishes.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !submit(.job(job)) {
            globalConcurrentExecutor.enqueue(ExecutorJob(job))
        }
    }

    /// Queues `body`, which runs on the loop's thread between two jobs.
    ///
    /// `body` never runs inside this call. You can call this method from any thread.
    ///
    /// - Returns: false if the loop has ended. Then `body` never runs.
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

    /// Notes the work of the current task, so that the report of a stall can name the work.
    ///
    /// The note stays with the task until ``endWork(_:)``. Only this loop knows the note. If the task continues on
    /// another loop, a report of that loop does not name the work.
    ///
    /// Call it on the loop's thread.
    ///
    /// - Parameter number: the caller's number for the work.
    /// - Returns: a number for ``endWork(_:)``.
    public func beginWork(_ number: UInt) -> Int {
        assertCurrent()
        return watch.begin(number)
    }

    /// Notes that the work has ended.
    ///
    /// Call it once, on the loop's thread.
    ///
    /// - Parameter work: the number that ``beginWork(_:)`` has returned.
    public func endWork(_ work: Int) {
        assertCurrent()
        watch.end(work)
    }

    /// Ends the program if the calling thread is not the loop's thread.
    ///
    /// For calls that occur once or twice in the life of a connection, a timer or a watch.
    func requireCurrent(_ function: StaticString = #function) {
        precondition(isCurrent || hasEnded, "call \(function) only on the loop's thread")
    }

    /// The same as ``requireCurrent(_:)``, in debug builds only.
    ///
    /// For calls that occur with each event, such as a write: the check looks up the thread's loop in the C library
    /// each time. The calls that begin and end the use of an object are checked in every build.
    func assertCurrent(_ function: StaticString = #function) {
        assert(isCurrent || hasEnded, "call \(function) only on the loop's thread")
    }

    var hasEnded: Bool { outside.withLock { $0.hasEnded } }
    var isEnding: Bool { ending != .no }
}

extension EventLoop {
    /// Runs the loop on the calling thread, until `end()` has been called and everything on the loop is closed.
    func run() {
        CurrentLoop.set(self)
        uv_update_time(handles.loop)
        turnBegan = uv_now(handles.loop)
        uv_run(handles.loop, UV_RUN_DEFAULT)
        CurrentLoop.set(nil)
    }

    /// Makes the loop close everything on it and end its thread.
    ///
    /// You can call it from any thread, and more than once.
    func end() {
        let needsSignal = outside.withLock { outside in
            guard !outside.hasEnded else { return false }
            outside.isEnding = true
            defer { outside.isSignalled = true }
            return !outside.isSignalled
        }
        if needsSignal { handles.signal() }
    }

    /// Has the connection's bytes written at the end of the turn.
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

    /// Makes the timer fire after the sockets have been read.
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

    /// Ends a turn: all ready work runs, and the bytes that it wrote go out.
    ///
    /// The loop may wait only after that.
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

    /// The number of turns in which the tasks on an ending loop can see that their connections are closed.
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
