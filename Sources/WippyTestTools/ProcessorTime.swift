import Glibc

/// Returns the processor time that `work` takes on the calling thread.
///
/// Other work on the machine does not add to this time. So a test can compare it with a limit.
public func processorTime(of work: () throws -> Void) rethrows -> Duration {
    let start = processorTimeOfThread()
    try work()
    return processorTimeOfThread() - start
}

/// The processor time that the calling thread has taken since it began.
package func processorTimeOfThread() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
