import CWippyUV

/// Finds out which work holds a loop up.
///
/// A task notes a number for its current work. When a job takes long, the job's task leads to the work. Functions
/// that the task calls need not note anything.
struct LoopWatch {
    private struct Work {
        let task: UInt
        let number: UInt
        /// The order of the notes: of several works of a task, the last one is its current work.
        let order: UInt64
    }

    private var works: [Work?] = []
    private var free: [Int] = []
    private var order: UInt64 = 0

    private var jobBegan: UInt64 = 0
    /// The first work of the current job that ended late.
    private var endedLate: UInt?
    private var longest: UInt64 = 0
    /// The work of the turn's longest job, if that job was long.
    private(set) var culprit: UInt?

    /// Half of a stall, in nanoseconds.
    ///
    /// A shorter job has not caused a stall by itself.
    private static let longJob: UInt64 = 50_000_000

    /// Notes the current task's work.
    mutating func begin(_ number: UInt) -> Int {
        order &+= 1
        let work = Work(task: Self.currentTask, number: number, order: order)
        if let place = free.popLast() {
            works[place] = work
            return place
        }
        works.append(work)
        return works.count - 1
    }

    /// Notes that the work is over.
    mutating func end(_ place: Int) {
        if endedLate == nil, Self.now &- jobBegan >= Self.longJob { endedLate = works[place]?.number }
        works[place] = nil
        free.append(place)
    }

    /// Called when a turn's jobs are about to run.
    mutating func beginTurn() {
        culprit = nil
        longest = Self.longJob
        endedLate = nil
        jobBegan = Self.now
    }

    /// Called when a job, or a closure that belongs to no task, has run.
    mutating func ended(_ job: UnownedJob?) {
        let end = Self.now
        let length = end &- jobBegan
        if length >= longest {
            longest = length
            culprit = endedLate ?? job.flatMap(work)
        }
        endedLate = nil
        jobBegan = end
    }

    private func work(of job: UnownedJob) -> UInt? {
        // A task's job is the task itself.
        let task = unsafeBitCast(job, to: UInt.self)
        return works.compactMap { $0 }.filter { $0.task == task }.max { $0.order < $1.order }?.number
    }

    private static var currentTask: UInt {
        withUnsafeCurrentTask { unsafeBitCast($0, to: UInt.self) }
    }

    /// The time, exact to a few milliseconds.
    ///
    /// It is read for every job, so it must be cheap.
    private static var now: UInt64 { coarse_monotonic_time() }
}
