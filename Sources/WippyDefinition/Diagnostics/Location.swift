import WippyText

/// A place in a file, or a source without lines, such as an option of the command line.
///
/// Columns count Unicode scalars. The place of a key or value of a definition file also has its end.
public struct Location: Sendable {
    /// The path of a file or folder, or another source, such as `-o app:gateway:addr` or `the environment`.
    public let source: String

    /// The line, counted from 1; 0 for a source as a whole, such as an option.
    public let line: Int

    /// The column, counted from 1; 0 for a source as a whole, such as an option.
    public let column: Int

    private let storedEnd: StoredEnd

    /// The end, in half of the memory that two numbers take, because every value of a project has a place.
    private struct StoredEnd: Sendable {
        var line: UInt32 = 0
        var column: UInt32 = 0
    }

    /// The line of the end; nil if the end is not known.
    public var endLine: Int? { storedEnd.line == 0 ? nil : Int(storedEnd.line) }

    /// The column behind the last character; nil if the end is not known.
    ///
    /// The end of a value that is not written, as in `addr:`, is its beginning. A block of text includes the line ends
    /// behind its last line.
    public var endColumn: Int? { storedEnd.line == 0 ? nil : Int(storedEnd.column) }

    /// Creates a place in a file, without an end.
    public init(file: String, line: Int, column: Int) {
        self.source = file
        self.line = line
        self.column = column
        storedEnd = StoredEnd()
    }

    /// Creates a place in a file, with its end.
    ///
    /// The end is behind the last character.
    public init(file: String, line: Int, column: Int, endLine: Int, endColumn: Int) {
        self.source = file
        self.line = line
        self.column = column
        storedEnd = StoredEnd(line: UInt32(clamping: endLine), column: UInt32(clamping: endColumn))
    }

    /// Returns the same place with the end of another place of the file.
    func extended(to last: Location) -> Location {
        guard let endLine = last.endLine, let endColumn = last.endColumn else { return self }
        return Location(file: source, line: line, column: column, endLine: endLine, endColumn: endColumn)
    }

    /// Creates a place for a whole source, such as an option of the command line or a file.
    public init(source: String) {
        self.source = source
        self.line = 0
        self.column = 0
        storedEnd = StoredEnd()
    }
}

extension Location: Hashable {
    /// Returns true if both begin at the same place in the same source.
    ///
    /// The names of the sources are compared byte for byte. The ends are not compared.
    public static func == (left: Location, right: Location) -> Bool {
        left.line == right.line && left.column == right.column && ExactText.areEqual(left.source, right.source)
    }

    /// Hashes the source and the beginning.
    public func hash(into hasher: inout Hasher) {
        ExactText.hash(source, into: &hasher)
        hasher.combine(line)
        hasher.combine(column)
    }
}

extension Location: Comparable {
    /// Orders places by their sources, then by their lines, and then by their columns.
    public static func < (left: Location, right: Location) -> Bool {
        (ExactText(left.source), left.line, left.column) < (ExactText(right.source), right.line, right.column)
    }
}

extension Location: CustomStringConvertible {
    /// The text `path:line:column`; the source alone if the place has no line.
    public var description: String {
        line == 0 ? source : "\(source):\(line):\(column)"
    }
}
