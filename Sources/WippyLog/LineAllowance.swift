/// Allows a number of log lines in each period of time, and counts the others.
///
/// It keeps the log short while something fails again and again, such as the connection to a server. A period begins
/// with its first line.
public struct LineAllowance: Sendable {
    private let maxLines: Int
    private let time: Duration

    private var start: Duration?
    private var lines = 0
    private var leftOut = 0

    /// Creates an allowance.
    ///
    /// - Parameters:
    ///   - lines: the number of lines in each period, at least 1.
    ///   - time: the length of a period.
    public init(lines: Int, per time: Duration) {
        (maxLines, self.time) = (lines, time)
    }

    /// Asks for a line.
    ///
    /// - Parameter now: the time, by a clock that does not go back.
    /// - Returns: nil if the line is not allowed; otherwise the number of lines that were left out since the last
    ///   allowed one or the last ``finish()``.
    public mutating func take(at now: Duration) -> Int? {
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

    /// Returns the number of lines that were left out since the last allowed one or the last call of this method.
    public mutating func finish() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
