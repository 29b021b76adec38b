import Glibc

/// Finds out who holds a loop up.
///
/// Tasks say what they do, by a number that their program knows it by. A job that takes long is then looked up by the
/// task that it was of; what resumes inside of it needs to say nothing.
struct LoopWatch {
    private struct Work {
        let task: UInt
        let number: UInt
        /// Of several of one task, what began last is what it does.
        let order: UInt64
    }

    private var works: [Work?] = []
    private var free: [Int] = []
    private var order: UInt64 = 0

    private var jobBegan: UInt64 = 0
    /// The first work that was over late in the current job.
    private var endedLate: UInt?
    private var longest: UInt64 = 0
    /// The work of the turn's longest job, if that was long.
    private(set) var culprit: UInt?

    /// Half of a stall: a shorter job has not caused one by itself.
    private static let longJob: UInt64 = 50_000_000

    /// Notes what the current task does.
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

    /// Notes that it is over.
    mutating func end(_ place: Int) {
        if endedLate == nil, Self.now &- jobBegan >= Self.longJob { endedLate = works[place]?.number }
        works[place] = nil
        free.append(place)
    }

    /// A turn's jobs are about to run.
    mutating func beginTurn() {
        culprit = nil
        longest = Self.longJob
        endedLate = nil
        jobBegan = Self.now
    }

    /// A job has run, or something else that is no task's.
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

    /// To a few milliseconds, since it is read for every job.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
