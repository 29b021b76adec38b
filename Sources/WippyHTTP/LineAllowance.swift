/// Lets a number of log lines pass in each stretch of time, and counts the others.
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
    /// - Returns: Nil if there is none; else how many there were none for since the last one.
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

    /// How many lines were left out since the last one.
    mutating func finish() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
