/// Allows a number of log lines in each period of time, and counts the others.
struct LineAllowance {
    private let linesMax: Int
    private let time: Duration

    private var start = Duration.zero
    private var lines = 0
    private var leftOut = 0

    init(lines: Int, per time: Duration) {
        (linesMax, self.time) = (lines, time)
    }

    /// Asks for a line.
    ///
    /// - Returns: nil if the line is not allowed; otherwise the number of lines that were left out since the last
    ///   allowed one.
    mutating func take(at now: Duration) -> Int? {
        if now - start >= time {
            start = now
            lines = 0
        }
        guard lines < linesMax else {
            leftOut += 1
            return nil
        }
        lines += 1
        return finish()
    }

    /// Returns the number of lines that were left out since the last allowed one, and starts again at zero.
    mutating func finish() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
