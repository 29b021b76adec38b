/// A text with its path, usually a file of a project.
public struct SourceFile: Sendable {
    /// The file's path, usually relative to the project.
    public let path: String

    /// The whole text of the file, without a byte order mark.
    public let text: String

    /// Creates a file from its path and text.
    ///
    /// A byte order mark is removed.
    public init(path: String, text: String) {
        self.path = path
        let hasMark = text.unicodeScalars.first == "\u{feff}"
        self.text = hasMark ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// The lines of the text without their ends, divided as libyaml divides them.
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

    /// Returns a line without its end; nil if there is no such line.
    ///
    /// - Parameter number: the number of the line in ``lines``, counted from 1.
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

/// A place in a text, counted as libyaml counts: lines and columns from 1, columns in scalars.
struct TextPlace {
    private(set) var line = 1
    private(set) var column = 1
    private var wasReturn = false

    /// Moves past a scalar.
    ///
    /// - Returns: true if the scalar ends a line, or belongs to the end of a line.
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
