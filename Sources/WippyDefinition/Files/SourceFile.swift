/// A text file of a project, read once.
public struct SourceFile: Sendable {
    /// The file's path relative to the project.
    public let path: String

    /// Its whole text, without a byte order mark.
    public let text: String

    /// Creates a file.
    public init(path: String, text: String) {
        self.path = path
        let hasMark = text.unicodeScalars.first == "\u{feff}"
        self.text = hasMark ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// The lines without their ends, as libyaml counts them.
    public var lines: [String] {
        var lines: [String.UnicodeScalarView] = [String.UnicodeScalarView()]
        var place = TextPlace()
        for scalar in text.unicodeScalars {
            let isEnd = place.pass(scalar)
            if place.line > lines.count { lines.append(String.UnicodeScalarView()) }
            if !isEnd { lines[lines.count - 1].append(scalar) }
        }
        return lines.map { String($0) }
    }

    /// A line without its end, counted from 1 as libyaml does; nil past the end.
    public func line(_ number: Int) -> String? {
        var line = String.UnicodeScalarView()
        var place = TextPlace()
        for scalar in text.unicodeScalars {
            guard place.line <= number else { break }
            let isEnd = place.pass(scalar)
            if !isEnd, place.line == number { line.append(scalar) }
        }
        return 1...place.line ~= number ? String(line) : nil
    }
}

/// A place in a text, as libyaml counts: lines and columns from 1, columns in scalars.
struct TextPlace {
    private(set) var line = 1
    private(set) var column = 1
    private var wasReturn = false

    /// Goes past a scalar.
    ///
    /// - Returns: whether it ends a line, or belongs to such an end.
    @discardableResult
    mutating func pass(_ scalar: Unicode.Scalar) -> Bool {
        let continuesEnd = wasReturn && scalar == "\n"
        wasReturn = scalar == "\r"
        if continuesEnd { return true }
        let isEnd =
            switch scalar {
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
            default: false
            }
        (line, column) = isEnd ? (line + 1, 1) : (line, column + 1)
        return isEnd
    }
}
