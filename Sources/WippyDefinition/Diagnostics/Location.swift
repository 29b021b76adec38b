import WippyText

/// Where something in a project was written: a place in a file, or an option of the command line.
///
/// A location is attached once, when text becomes nodes, and travels with the value. Lines and columns count from 1;
/// columns count Unicode scalars, as libyaml's marks do.
public struct Location: Sendable {
    /// The file as people see it (relative to the project), or an option such as `-o app:gateway:addr`.
    public let source: String

    /// The line, or 0 when the source has none (an option, a file that cannot be read).
    public let line: Int

    /// The column, or 0 when the source has none.
    public let column: Int

    /// A place in a file.
    public init(file: String, line: Int, column: Int) {
        self.source = file
        self.line = line
        self.column = column
    }

    /// A whole source: an option of the command line, or a file of which no place is meant.
    public init(source: String) {
        self.source = source
        self.line = 0
        self.column = 0
    }
}

extension Location: Hashable {
    /// Whether both are the same place of the same source, whose name is compared by its bytes.
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
