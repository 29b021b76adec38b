/// How large a project's files may be.
///
/// Past a limit, the file or the search is refused with an error.
public struct SourceLimits: Sendable {
    /// The bytes of one file.
    public var fileBytes = 4 << 20

    /// The bytes of all files together, including those that `file://` names.
    public var totalBytes = 64 << 20

    /// The files of all folders together, definition files or not.
    public var files = 100_000

    /// How deep folders may nest.
    public var depth = 64

    /// The nodes of one file.
    ///
    /// An alias counts as everything that it stands for.
    public var nodes = 500_000

    /// How deep lists and maps may nest in one file, with aliases expanded.
    public var nesting = 64

    /// The limits of every project, unless an embedding program sets others.
    public static let standard = SourceLimits()

    /// Creates the standard limits.
    public init() {}
}
