/// The limits for the size and nesting of a project's files.
///
/// What exceeds a limit is left out, with an error or a warning.
public struct SourceLimits: Sendable {
    /// The largest size of one file, in bytes.
    ///
    /// Default: 4 MiB.
    public var fileBytes = 4 << 20

    /// The largest number of bytes that are read from the searched folders.
    ///
    /// This includes the files that `file://` values name.
    ///
    /// Default: 64 MiB.
    public var totalBytes = 64 << 20

    /// The largest number of files and folders in all searched folders together, definition files or not.
    ///
    /// A name that begins with a dot does not count, nor does `node_modules`.
    ///
    /// Default: 100,000.
    public var files = 100_000

    /// The largest depth of nested folders.
    ///
    /// The folder at which the search begins has the depth 1.
    ///
    /// Default: 64.
    public var depth = 64

    /// The largest number of nodes in one file.
    ///
    /// An alias counts as all nodes that it stands for.
    ///
    /// Default: 500,000.
    public var nodes = 500_000

    /// The largest depth of nested lists and maps in one file, with aliases expanded.
    ///
    /// Default: 64.
    public var nesting = 64

    /// The default limits.
    public static let standard = SourceLimits()

    /// Creates the default limits.
    public init() {}
}
