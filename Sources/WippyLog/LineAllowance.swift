/// Allows a number of log lines in each period of time, and counts the others.
///
/// A period begins with its first line.
package struct LineAllowance: Sendable {
    private let maxLines: Int
    private let time: Duration

    private var start: Duration?
    private var lines = 0
    private var leftOut = 0

    package init(lines: Int, per time: Duration) {
        (maxLines, self.time) = (lines, time)
    }

    /// Asks for a line.
    ///
    /// - Returns: nil if the line is not allowed; otherwise the number of lines that were left out since the last
    ///   allowed one.
    package mutating func take(at now: Duration) -> Int? {
        if start.map({ now - $0 >= time }) ?? true {
            start = now
            lines = 0
        }
        guard lines < maxLines else {
            leftOut += 1
            return nil
        }
        lines += 1
        return finish()
    }

    /// Returns the number of lines that were left out since the last allowed one, and starts again at zero.
    package mutating func finish() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
