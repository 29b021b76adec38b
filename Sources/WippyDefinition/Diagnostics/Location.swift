import WippyText

/// A place in a file, or an option of the command line.
///
/// A value gets its location when its text is parsed, and keeps it. Lines and columns count from 1. Columns count
/// Unicode scalars, as libyaml does.
public struct Location: Sendable {
    /// The file's path relative to the project, or an option such as `-o app:gateway:addr`.
    public let source: String

    /// The line, counted from 1; 0 for an option, or for a file as a whole.
    public let line: Int

    /// The column, counted from 1; 0 for an option, or for a file as a whole.
    public let column: Int

    /// Creates a location from a file's path, a line and a column.
    public init(file: String, line: Int, column: Int) {
        self.source = file
        self.line = line
        self.column = column
    }

    /// Creates a location for a whole source: an option of the command line, or a file.
    public init(source: String) {
        self.source = source
        self.line = 0
        self.column = 0
    }
}

extension Location: Hashable {
    /// Returns whether both are the same place in the same source.
    ///
    /// It compares the names of the sources byte for byte.
    public static func == (left: Location, right: Location) -> Bool {
        left.line == right.line && left.column == right.column && ExactText.areEqual(left.source, right.source)
    }

    /// Feeds the source and the place to the hasher.
    public func hash(into hasher: inout Hasher) {
        ExactText.hash(source, into: &hasher)
        hasher.combine(line)
        hasher.combine(column)
    }
}

extension Location: Comparable {
    /// Orders by source, then line, then column: the order in which a report is read.
    public static func < (left: Location, right: Location) -> Bool {
        (ExactText(left.source), left.line, left.column) < (ExactText(right.source), right.line, right.column)
    }
}

extension Location: CustomStringConvertible {
    /// The text `path:line:column`.
    ///
    /// Without a line, it is the source alone.
    public var description: String {
        line == 0 ? source : "\(source):\(line):\(column)"
    }
}
