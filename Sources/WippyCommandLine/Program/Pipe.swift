import Glibc
import WippySystem

/// Makes pipes for signals and for the output of other programs.
package enum Pipe {
    /// The error for a pipe that cannot be made.
    package struct Failure: Error, CustomStringConvertible {
        let number: Int32

        package var description: String { "cannot make a pipe: \(SystemError.words(for: number))" }
    }

    /// Makes a pipe that started programs do not inherit.
    ///
    /// - Parameter isBlocking: true if writing waits for room. Reading never waits.
    package static func make(isBlocking: Bool) throws(Failure) -> (outlet: Int32, inlet: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        if !isBlocking { _ = fcntl(ends[1], F_SETFL, O_NONBLOCK) }
        return (ends[0], ends[1])
    }
}
