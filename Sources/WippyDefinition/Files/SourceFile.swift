/// A text file of a project, read once.
public struct SourceFile: Sendable {
    /// The file as people see it: relative to the project.
    public let path: String

    /// Its whole text, without a byte order mark.
    public let text: String

    /// Creates a file.
    public init(path: String, text: String) {
        self.path = path
        let hasMark = text.unicodeScalars.first == "\u{feff}"
        self.text = hasMark ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// One of its lines without the line's end, counted from 1, as libyaml counts them; nil past the end.
    public func line(_ number: Int) -> String? {
        var line = 1
        var text = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in self.text.unicodeScalars {
            let continuesBreak = wasReturn && scalar == "\n"
            wasReturn = scalar == "\r"
            if continuesBreak { continue }
            if Self.lineEnds.contains(scalar) {
                if line == number { return String(text) }
                line += 1
            } else if line == number {
                text.append(scalar)
            }
        }
        return line == number ? String(text) : nil
    }

    private static let lineEnds: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
}
