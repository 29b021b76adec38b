public import WippyRuntime

/// One command of a program's command line: `run`, `lint`, or one of the program's own.
///
/// ```swift
/// struct CountEntries: Command {
///     static let name = "count"
///     static let summary = "Count the entries of the project in this folder."
///
///     private let application: Application
///     private let prefix: String?
///
///     init(from options: inout OptionReader) {
///         application = options.application()
///         prefix = options.value("prefix", "text", "Count those only whose id begins so.")
///     }
///
///     func run() throws -> Int32 { … }
/// }
/// ```
///
/// A program adds its own to its kinds: `.standard + [CommandKind<CountEntries>()]`; or in a list by themselves:
/// `commands: [CountEntries.self]`.
public protocol Command: Sendable {
    /// What it is called: lower-case words joined by dashes.
    static var name: String { get }

    /// One sentence for the list of commands.
    static var summary: String { get }

    /// What its help says beside the summary; by default nothing.
    static var discussion: String { get }

    /// Reads its options, every one unconditionally: so its help is written, too, and then none is given.
    ///
    /// - Throws: ``UsageError``, or any error whose description says what is wrong with what was given.
    init(from options: inout OptionReader) throws

    /// Does its work, on a thread that runs nothing else; results go to standard output.
    ///
    /// - Returns: the exit status, 0 through 255.
    /// - Throws: an error whose description is the program's last line on standard error; the exit status is 1 then.
    func run() async throws -> Int32
}

extension Command {
    /// By default nothing.
    public static var discussion: String { "" }
}

/// A command in a program's list of kinds, so that its command line has it.
public struct CommandKind<Added: Command>: KindAddition {
    /// Adds the command.
    public init() {}
}

/// A command that has something to do before anything else.
protocol EarlyCommand: Command {
    /// Does it, on the program's first thread while it is the only one: signals that are held back there are held back
    /// in the whole program.
    mutating func begin() throws
}

/// A command of the application in the folder, if there is one: this program becomes it.
protocol ApplicationCommand: EarlyCommand {
    /// What it was told of the project.
    var settings: Application.Settings { get }

    /// The command line that it is a command of.
    var tool: CommandLineTool { get }
}

extension ApplicationCommand {
    func begin() throws {
        try ApplicationBuild.becomeApplication(of: tool, settings: settings)
        Signals.setHeld(false)
    }
}
