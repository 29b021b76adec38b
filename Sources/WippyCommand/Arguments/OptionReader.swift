public import Wippy
public import WippyLog

/// Reads the options of a command, each stated once by one call: that call gives its value and writes its help.
public struct OptionReader {
    /// The program whose command it is.
    let tool: CommandLineTool

    /// What was read, in order.
    private(set) var options: [CommandOption] = []

    /// Nil while the command is only described.
    private let given: ParsedArguments?

    init(_ given: ParsedArguments? = nil, of tool: CommandLineTool) {
        self.given = given
        self.tool = tool
    }

    /// An option that is there or not: `--json`.
    ///
    /// - Parameters:
    ///   - name: the long name without its dashes.
    ///   - letter: the name of one letter, if there is one.
    ///   - help: what it does, one sentence.
    public mutating func flag(_ name: String, letter: Character? = nil, _ help: String) -> Bool {
        options.append(CommandOption(name: name, letter: letter, valueName: nil, help: help))
        return given?.has(name) ?? false
    }

    /// An option with a value: `--config FILE`, `--config=FILE`.
    ///
    /// - Parameter valueName: what stands for the value in the help.
    /// - Returns: the value; the last one of several; nil if it is not given.
    public mutating func value(
        _ name: String, letter: Character? = nil, _ valueName: String, _ help: String
    ) -> String? {
        values(name, letter: letter, valueName, help).last
    }

    /// An option with a value, which may be given again.
    ///
    /// - Parameter valueName: what stands for a value in the help.
    /// - Returns: every value, in order.
    public mutating func values(
        _ name: String, letter: Character? = nil, _ valueName: String, _ help: String
    ) -> [String] {
        options.append(CommandOption(name: name, letter: letter, valueName: valueName, help: help))
        return given?.all(name) ?? []
    }

    /// The options of every command that reads the project in the working directory: `-o`, `--set`, `--config` and
    /// `--lenient`.
    ///
    /// - Parameter log: where the application says what happens when it runs; by default nowhere.
    /// - Returns: that project with the program's handlers and kinds: to check it, or to run it.
    public mutating func application(log: Log = .silent) -> Application {
        let settings = projectSettings()
        return tool.application(settings, log: log)
    }

    /// The options of every command that reads the project.
    mutating func projectSettings() -> Application.Settings {
        var settings = Application.Settings()
        settings.overrides = values(
            "override", letter: "o", "ns:entry:path=value",
            "Set a field of an entry; a list is [a, b] or a,b, a map {a: b}. May be given again, or more behind commas."
        )
        settings.assignments = values(
            "set", "section.path=value", "Set a value of the settings file; may be given again.")
        settings.settingsFile = value("config", "file", "Read this settings file instead of .wippy.yaml.")
        settings.isLenient = flag("lenient", "Take unknown fields and ids declared twice as warnings.")
        return settings
    }
}
