import WippyText

/// A place in a file, or an option of the command line.
///
/// A location is attached once, when text becomes nodes, and stays with the value. Lines and columns count from 1.
/// Columns count Unicode scalars, as libyaml does.
public struct Location: Sendable {
    /// The file's path relative to the project, or an option such as `-o app:gateway:addr`.
    public let source: String

    /// The line; 0 if the source has none, as an option or an unreadable file.
    public let line: Int

    /// The column; 0 if the source has none.
    public let column: Int

    /// A place in a file.
    public init(file: String, line: Int, column: Int) {
        self.source = file
        self.line = line
        self.column = column
    }

    /// Creates a location for a whole source: an option of the command line, or a file without a line.
    public init(source: String) {
        self.source = source
        self.line = 0
        self.column = 0
    }
}

extension Location: Hashable {
    /// Whether both are the same place of the same source.
    ///
    /// The sources' names are compared by bytes.
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
    /// `path:line:column`, or the source alone.
    public var description: String {
        line == 0 ? source : "\(source):\(line):\(column)"
    }
}
