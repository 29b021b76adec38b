/// The difference between two texts: runs that both have, that only the first has, and that only the second has.
public struct TextDifference: Sendable {
    /// The step for a run, on the way from the first text to the second: keep, remove or add the run.
    public enum Operation: String, Sendable {
        /// Both texts have the run.
        case equal
        /// Only the first text has the run.
        case delete
        /// Only the second text has the run.
        case insert
    }

    /// A run of characters.
    public struct Run: Equatable, Sendable {
        /// The step for the run.
        public let operation: Operation
        /// The run's characters.
        public internal(set) var scalars: [Unicode.Scalar]

        /// Creates a run of the scalars of a text.
        public init(operation: Operation, text: String) {
            self.init(operation: operation, scalars: Array(text.unicodeScalars))
        }

        /// Creates a run.
        public init(operation: Operation, scalars: [Unicode.Scalar]) {
            (self.operation, self.scalars) = (operation, scalars)
        }

        /// The scalars as text.
        public var text: String { String(scalars) }
    }

    /// The runs, in order.
    public private(set) var runs: [Run] = []

    /// Creates a difference from its runs.
    ///
    /// Between equal runs, all deletions move before all insertions.
    ///
    /// - Parameter runs: the runs in order. Neighbours of the same operation are joined, and empty runs are dropped.
    public init(_ runs: [Run]) {
        for run in runs { append(run.operation, run.scalars[...]) }
    }

    /// Compares two texts by Myers's algorithm.
    ///
    /// The time grows with the length of the texts times the number of their differences. If the way to the new text
    /// takes more than 1,000 deletions and insertions of characters, only the common beginning and the common end count
    /// as equal. Between them, the whole old text counts as deleted, and the whole new text as inserted.
    public init(from old: [Unicode.Scalar], to new: [Unicode.Scalar]) {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
        append(.equal, old[..<start])
        compare(old[start..<old.count - end], new[start..<new.count - end])
        append(.equal, old[(old.count - end)...])
    }

    /// The largest number of differing characters in the middle of two texts.
    ///
    /// If there are more, the whole middle counts as different.
    private static let maxDifferences = 1000

    /// Appends the difference between two texts whose first characters differ, and whose last characters differ.
    private mutating func compare(_ old: ArraySlice<Unicode.Scalar>, _ new: ArraySlice<Unicode.Scalar>) {
        guard let steps = Self.steps(from: old, to: new) else {
            append(.delete, old)
            append(.insert, new)
            return
        }
        var (left, right) = (old, new)
        for step in steps {
            // The characters that both have come first, and then the character that differs.
            let equal = zip(left, right).prefix { $0 == $1 }.count
            append(.equal, left.prefix(equal))
            (left, right) = (left.dropFirst(equal), right.dropFirst(equal))
            if step == .delete {
                append(.delete, left.prefix(1))
                left = left.dropFirst()
            } else {
                append(.insert, right.prefix(1))
                right = right.dropFirst()
            }
        }
        append(.equal, left)
    }

    /// The shortest sequence of deletions and insertions of single characters; nil if it is too long.
    private static func steps(
        from old: ArraySlice<Unicode.Scalar>, to new: ArraySlice<Unicode.Scalar>
    ) -> [Operation]? {
        let (old, new) = (Array(old), Array(new))
        // For each number of steps, the position that each diagonal reaches.
        var reached: [[Int]] = []
        for count in 0...min(old.count + new.count, maxDifferences) {
            var row: [Int] = []
            for diagonal in stride(from: -count, through: count, by: 2) {
                var x = 0
                if let last = reached.last {
                    let (deleted, inserted) = ends(of: diagonal, after: count, in: last, (old.count, new.count))
                    x = max(deleted, inserted)
                }
                while x >= 0, x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
                row.append(x)
                if x == old.count, x - diagonal == new.count {
                    return wayBack(through: reached, to: diagonal, (old.count, new.count))
                }
            }
            reached.append(row)
        }
        return nil
    }

    /// Returns the positions at which a diagonal is reached from its neighbours, by a deletion and by an insertion.
    ///
    /// The position is -1 if the diagonal is not reached.
    private static func ends(
        of diagonal: Int, after count: Int, in last: [Int], _ lengths: (old: Int, new: Int)
    ) -> (deleted: Int, inserted: Int) {
        // The diagonals of the row before are -(count - 1), -(count - 3), …
        let index = (diagonal + count) / 2
        let below = index > 0 ? last[index - 1] : -1
        let above = index < last.count ? last[index] : -1
        return (
            below >= 0 && below < lengths.old ? below + 1 : -1,
            above >= 0 && above - diagonal <= lengths.new ? above : -1
        )
    }

    private static func wayBack(
        through reached: [[Int]], to end: Int, _ lengths: (old: Int, new: Int)
    ) -> [Operation] {
        var steps: [Operation] = []
        var diagonal = end
        for count in stride(from: reached.count, to: 0, by: -1) {
            let (deleted, inserted) = ends(of: diagonal, after: count, in: reached[count - 1], lengths)
            let isDeletion = deleted >= inserted
            steps.append(isDeletion ? .delete : .insert)
            diagonal += isDeletion ? -1 : 1
        }
        return steps.reversed()
    }

    /// Appends a run.
    ///
    /// Between equal runs, all deletions come before all insertions.
    private mutating func append(_ operation: Operation, _ scalars: ArraySlice<Unicode.Scalar>) {
        guard !scalars.isEmpty else { return }
        if operation == .delete, let inserted = runs.last, inserted.operation == .insert {
            runs.removeLast()
            append(.delete, scalars)
            runs.append(inserted)
        } else if runs.last?.operation == operation {
            runs[runs.count - 1].scalars += scalars
        } else {
            runs.append(Run(operation: operation, scalars: Array(scalars)))
        }
    }

    /// The difference as text with colors for a terminal.
    public var terminalText: String {
        runs.map { run in
            let text = run.text
            return switch run.operation {
            case .equal: text
            case .delete: "\u{1B}[31m\(text)\u{1B}[0m"
            case .insert: "\u{1B}[32m\(text)\u{1B}[0m"
            }
        }.joined()
    }

    /// The difference in HTML.
    public var html: String {
        runs.map { run in
            let text = run.scalars.map { scalar in
                switch scalar {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                case "\n": "&para;<br>"
                case let other: String(other)
                }
            }.joined()
            return switch run.operation {
            case .equal: "<span>\(text)</span>"
            case .delete: "<del style=\"background:#ffe6e6;\">\(text)</del>"
            case .insert: "<ins style=\"background:#e6ffe6;\">\(text)</ins>"
            }
        }.joined()
    }
}

extension String {
    /// Creates a text from characters.
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        self.init(text)
    }
}
