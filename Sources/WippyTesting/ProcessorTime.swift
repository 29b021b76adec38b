import Glibc

/// The processor time that a piece of work takes on the calling thread.
///
/// Unlike the time of a clock, it does not grow with other work on the machine, so a test can compare it with a limit.
public func processorTime(of work: () throws -> Void) rethrows -> Duration {
    let start = processorTimeOfThread()
    try work()
    return processorTimeOfThread() - start
}

/// What this thread has taken of a processor since it began.
func processorTimeOfThread() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
