import WippyText

/// A place in a file, or a source without lines, such as an option of the command line.
///
/// Columns count Unicode scalars.
public struct Location: Sendable {
    /// The path of a file or folder, or another source, such as `-o app:gateway:addr` or `the environment`.
    public let source: String

    /// The line, counted from 1; 0 for a source as a whole, such as an option.
    public let line: Int

    /// The column, counted from 1; 0 for a source as a whole, such as an option.
    public let column: Int

    /// Creates a place in a file.
    public init(file: String, line: Int, column: Int) {
        self.source = file
        self.line = line
        self.column = column
    }

    /// Creates a place for a whole source, such as an option of the command line or a file.
    public init(source: String) {
        self.source = source
        self.line = 0
        self.column = 0
    }
}

extension Location: Hashable {
    /// Returns true if both are the same place in the same source.
    ///
    /// The names of the sources are compared byte for byte.
    public static func == (left: Location, right: Location) -> Bool {
        left.line == right.line && left.column == right.column && ExactText.areEqual(left.source, right.source)
    }

    /// Hashes the source and the place.
    public func hash(into hasher: inout Hasher) {
        ExactText.hash(source, into: &hasher)
        hasher.combine(line)
        hasher.combine(column)
    }
}

extension Location: Comparable {
    /// Orders places by source, then by line, and then by column, which is the order of a report.
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
