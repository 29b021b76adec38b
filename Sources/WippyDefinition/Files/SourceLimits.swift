/// The limits for the size and nesting of a project's files.
///
/// A file or a search that exceeds a limit is refused with an error. The values at the declarations are the
/// defaults.
public struct SourceLimits: Sendable {
    /// The largest size of one file, in bytes.
    public var fileBytes = 4 << 20

    /// The largest size of all files together, in bytes.
    ///
    /// Files that `file://` values name are included.
    public var totalBytes = 64 << 20

    /// The largest number of files in all folders together, definition files or not.
    public var files = 100_000

    /// The largest depth of nested folders.
    public var depth = 64

    /// The largest number of nodes in one file.
    ///
    /// An alias counts as all nodes that it stands for.
    public var nodes = 500_000

    /// The largest depth of nested lists and maps in one file, with aliases expanded.
    public var nesting = 64

    /// The default limits.
    ///
    /// A program can pass other limits when it reads a project.
    public static let standard = SourceLimits()

    /// Creates the default limits.
    public init() {}
}
