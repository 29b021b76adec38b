package import WippyApplication
public import WippyDefinition
package import WippyLog
package import WippyRuntime

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
///         prefix = options.value("prefix", valueName: "text", "Count only ids that begin with this text.")
///     }
///
///     func run() throws -> Int32 { … }
/// }
/// ```
///
/// Add your command to the program's list of commands: `.standard + [CountEntries.self]`.
public protocol Command: Sendable {
    /// The name of the command: lower-case words joined by dashes.
    static var name: String { get }

    /// The effect of the command, in one sentence, for the list of commands.
    static var summary: String { get }

    /// More text for the command's help, after the summary.
    ///
    /// Default: empty.
    static var discussion: String { get }

    /// The services that answer the command in a running application.
    ///
    /// Several commands may have the same service. Default: none.
    static var services: [any ControlService.Type] { get }

    /// The sections of `.wippy.yaml` that the command obeys.
    ///
    /// The command finds their values in the project that it reads: `application.check().project.settings`. Several
    /// commands may have the same section. Default: none.
    static var settings: [any SettingsSection.Type] { get }

    /// Reads the options of the command.
    ///
    /// Read every option in every case, because the same calls also write the help. When the help is written, no option
    /// is given.
    ///
    /// - Throws: ``UsageError``, or any other error. Its description tells the user how to correct the arguments.
    init(from options: inout OptionReader) throws

    /// Does the work of the command.
    ///
    /// Results go to standard output. The method may block its thread.
    ///
    /// - Returns: the exit status, 0 through 255.
    /// - Throws: any error. The program prints `Error:` and the error's description on standard error, and ends with
    ///   the exit status 1. An `InvalidProject` is printed in the form of `lint`.
    func run() async throws -> Int32
}

extension Command {
    /// The default: the empty text.
    public static var discussion: String { "" }

    /// The default: no services.
    public static var services: [any ControlService.Type] { [] }

    /// The default: no sections.
    public static var settings: [any SettingsSection.Type] { [] }
}

/// A command with work to do before all other work of the program.
package protocol EarlyCommand: Command {
    /// Does this work on the program's first thread, before other threads start.
    ///
    /// Signals that were held back at the program's start are still held back. They come after this work.
    mutating func begin() throws
}

/// A command that starts its program in a process under test, and replaces kinds there.
package protocol KindReplacingCommand: Command {
    /// Returns the kinds of this process.
    ///
    /// - Parameters:
    ///   - kinds: the program's list. The method returns it unchanged if this process is not under test.
    ///   - log: the application's log.
    static func kinds(replacing kinds: [any ProgramPart], log: Log) -> [any ProgramPart]
}

/// A command that runs in the application of the folder, if the folder has an application.
///
/// Then this program becomes the application.
package protocol ApplicationCommand: EarlyCommand {
    /// The settings from the command's options.
    var settings: Application.Settings { get }

    /// The command line to which the command belongs.
    var tool: CommandLineTool { get }
}

extension ApplicationCommand {
    package func begin() throws { try ApplicationBuild.becomeApplication(of: tool, settings: settings) }
}
