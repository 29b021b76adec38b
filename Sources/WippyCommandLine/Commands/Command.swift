public import WippyDefinition
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

    /// The parts that the command adds to the end of the program's list of kinds, such as an `OfferWrapper`.
    ///
    /// They are parts of every application that the program checks or runs. Default: none.
    static var parts: [any ProgramPart] { get }

    /// Reads the options of the command.
    ///
    /// Read every option in every case, because the same calls also write the help. When the help is written, no option
    /// is given.
    ///
    /// - Throws: ``UsageError``, or any other error. Its description tells the user how to correct the arguments.
    init(from options: inout OptionReader) throws

    /// Does work on the program's first thread, before other threads start.
    ///
    /// This method is called before ``run()``, and not at all if only the help is written. For example, it can take
    /// over signals. If SIGTERM, SIGINT and SIGHUP were held back when the program started, they come only after this
    /// method. Default: nothing.
    ///
    /// - Throws: the same errors as ``run()``.
    mutating func begin() throws

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

    /// The default: no parts.
    public static var parts: [any ProgramPart] { [] }

    /// Does nothing.
    public func begin() {}
}
