public import WippyRuntime

/// A command of a program's command line: `run`, `lint`, or one of your own.
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
/// Add your own to the program's kinds, `.standard + [CommandKind<CountEntries>()]`, or as a list: `commands:
/// [CountEntries.self]`.
public protocol Command: Sendable {
    /// The command's name: lower-case words joined by dashes.
    static var name: String { get }

    /// One sentence for the list of commands.
    static var summary: String { get }

    /// More text for the command's help, after the summary; none by default.
    static var discussion: String { get }

    /// Reads the options. Read every option, unconditionally, because the help is written from these calls too. No
    /// option is given then.
    ///
    /// - Throws: ``UsageError``, or any error whose description says what is wrong with the arguments.
    init(from options: inout OptionReader) throws

    /// Does the command's work, on a thread that runs nothing else. Results go to standard output.
    ///
    /// - Returns: the exit status, 0 through 255.
    /// - Throws: an error. Its description becomes the program's last line on standard error, and the exit status is 1.
    func run() async throws -> Int32
}

extension Command {
    /// By default nothing.
    public static var discussion: String { "" }
}

/// Adds a command to a program's list of kinds.
public struct CommandKind<Added: Command>: KindAddition {
    /// Creates the addition.
    public init() {}

    /// The command's type.
    public var added: any Sendable { Added.self }
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
