/// `version`: prints the version.
struct VersionCommand: Command {
    static let name = "version"
    static let summary = "Show the version."

    /// The version of this source tree.
    static let version = "0.1.0"

    private let isShort: Bool

    init(from options: inout OptionReader) {
        isShort = options.flag("short", "Show only the number.")
    }

    func run() throws -> Int32 {
        try Console.out(isShort ? Self.version : "wippy-swift \(Self.version)")
        return 0
    }
}
