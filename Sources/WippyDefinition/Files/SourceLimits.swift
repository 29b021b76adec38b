/// How much a project's files may hold.
///
/// Past a limit the file, or the search, is refused with a sentence.
public struct SourceLimits: Sendable {
    /// The bytes of one file.
    public var fileBytes = 4 << 20

    /// The bytes of all files together, those that `file://` names included.
    public var totalBytes = 64 << 20

    /// The files of all folders together, definition files or not.
    public var files = 100_000

    /// The folders one inside another.
    public var depth = 64

    /// The nodes of one file, each alias counted as all that it stands for.
    public var nodes = 500_000

    /// The lists and maps one inside another in one file, aliases expanded.
    public var nesting = 64

    /// The limits of every project, unless a program embedding one sets others.
    public static let standard = SourceLimits()

    /// Creates the standard limits.
    public init() {}
}
