public import WippyApplication
import WippyDefinition
public import WippyLog
import WippyText

/// Reads the options of a command.
///
/// One call declares an option. The call returns the option's value, and adds the option to the help.
public struct OptionReader {
    /// The program to which the command belongs.
    let tool: CommandLineTool

    /// The declared options, in order.
    private(set) var options: [CommandOption] = []

    /// The declared words after the command's name, in order.
    private(set) var operands: [CommandOperand] = []

    /// More text for the command's help, after that of its type.
    var discussion = ""

    /// The settings of the project that the command has read; nil if the command is not about a project.
    ///
    /// If the project's folder has an application, the command runs there.
    private(set) var settings: Application.Settings?

    /// The error about the first wrong value; nil if all values are right.
    private(set) var problem: UsageError?

    /// The parsed arguments; nil while the command is only described.
    private let given: ParsedArguments?

    init(_ given: ParsedArguments? = nil, of tool: CommandLineTool) {
        self.given = given
        self.tool = tool
    }

    /// Reads a word after the command's name, such as `list` in `queue list`.
    ///
    /// Several calls read the words in order. If a required word is missing, or if a word is not allowed, the command
    /// does not run.
    ///
    /// - Parameters:
    ///   - name: the name of the word in the help.
    ///   - words: the allowed words; nil for any word. Default: nil.
    ///   - isRequired: true if the word must be given. Default: false.
    ///   - help: the meaning of the word, with a full stop at its end.
    /// - Returns: the word; nil if it is not given.
    public mutating func operand(
        _ name: String, among words: [String]? = nil, isRequired: Bool = false, _ help: String
    ) -> String? {
        let place = operands.count
        operands.append(CommandOperand(name: name, words: words, isRequired: isRequired, help: help))
        guard let given else { return nil }
        let value = place < given.operands.count ? given.operands[place] : nil
        if let value, let words, !words.contains(where: { ExactText.areEqual($0, value) }) {
            problem = problem ?? UsageError("there is no \(name) '\(value)'; \(Self.advice(for: value, among: words))")
        } else if value == nil, isRequired {
            let choice = words.map { ": \($0.joined(separator: ", "))" } ?? ""
            problem = problem ?? UsageError("the \(name) is missing\(choice)")
        }
        return value
    }

    /// Reads all words after those that ``operand(_:among:isRequired:_:)`` has read.
    ///
    /// After `--`, a word may begin with a dash.
    ///
    /// - Parameters:
    ///   - name: the name of each word in the help.
    ///   - help: the meaning of the words, with a full stop at its end.
    /// - Returns: the words, in order.
    public mutating func furtherOperands(_ name: String, _ help: String) -> [String] {
        let place = operands.count
        operands.append(CommandOperand(name: name, words: nil, isRequired: false, isRepeated: true, help: help))
        return Array(given?.operands.dropFirst(place) ?? [])
    }

    private static func advice(for value: String, among words: [String]) -> String {
        Spelling.nearest(to: value, among: words).map { "did you mean '\($0)'?" }
            ?? "use one of \(words.joined(separator: ", "))"
    }

    /// Reads an option without a value, such as `--json`.
    ///
    /// - Parameters:
    ///   - name: the long name, without the dashes.
    ///   - letter: the one-letter name, such as `c` for `-c`; nil for none. Default: nil.
    ///   - help: the effect of the option, with a full stop at its end.
    /// - Returns: true if the option is given.
    public mutating func flag(_ name: String, letter: Character? = nil, _ help: String) -> Bool {
        options.append(CommandOption(name: name, letter: letter, valueName: nil, help: help))
        return given?.has(name) ?? false
    }

    /// Reads an option with a value, such as `--config FILE` or `--config=FILE`.
    ///
    /// - Parameters:
    ///   - name: the long name, without the dashes.
    ///   - letter: the one-letter name, such as `c` for `-c`; nil for none. Default: nil.
    ///   - valueName: the name of the value in the help.
    ///   - help: the effect of the option, with a full stop at its end.
    /// - Returns: the value; nil if the option is not given. If it is given several times, the last value counts.
    public mutating func value(
        _ name: String, letter: Character? = nil, valueName: String, _ help: String
    ) -> String? {
        values(name, letter: letter, valueName: valueName, help).last
    }

    /// Reads an option whose value must be one of several words.
    ///
    /// With any other word, the command does not run.
    ///
    /// - Parameters:
    ///   - name: the long name, without the dashes.
    ///   - letter: the one-letter name, such as `c` for `-c`; nil for none. Default: nil.
    ///   - valueName: the name of the value in the help.
    ///   - words: the allowed words.
    ///   - help: the effect of the option, with a full stop at its end.
    /// - Returns: the word; nil if the option is not given. If it is given several times, the last word counts.
    public mutating func word(
        _ name: String, letter: Character? = nil, valueName: String, among words: [String], _ help: String
    ) -> String? {
        let value = values(name, letter: letter, valueName: valueName, .words(words), help).last
        if let value, !words.contains(where: { ExactText.areEqual($0, value) }) {
            problem =
                problem
                ?? UsageError(
                    "'--\(name)' cannot be '\(value)'; \(Self.advice(for: value, among: words))")
        }
        return value
    }

    /// Reads an option whose value must be one of several words, and that has a default.
    ///
    /// Apart from the default, this method works like ``word(_:letter:valueName:among:_:)``. The help adds the default.
    public mutating func word(
        _ name: String, letter: Character? = nil, valueName: String, among words: [String],
        default fallback: String, _ help: String
    ) -> String {
        word(name, letter: letter, valueName: valueName, among: words, "\(help) Default: \(fallback).") ?? fallback
    }

    /// Reads an option with a whole number.
    ///
    /// With any other value, the command does not run.
    ///
    /// - Parameters:
    ///   - name: the long name, without the dashes.
    ///   - letter: the one-letter name, such as `c` for `-c`; nil for none. Default: nil.
    ///   - valueName: the name of the value in the help.
    ///   - range: the allowed numbers.
    ///   - help: the effect of the option, with a full stop at its end.
    /// - Returns: the number; nil if the option is not given or wrong. If it is given several times, the last number
    ///   counts.
    public mutating func number(
        _ name: String, letter: Character? = nil, valueName: String, in range: ClosedRange<Int>, _ help: String
    ) -> Int? {
        guard let text = value(name, letter: letter, valueName: valueName, help) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        let most = range.upperBound == .max ? "" : " through \(range.upperBound)"
        problem =
            problem ?? UsageError("'--\(name)' needs a number from \(range.lowerBound)\(most), got '\(text)'")
        return nil
    }

    /// Reads an option with a whole number that has a default.
    ///
    /// Apart from the default, this method works like ``number(_:letter:valueName:in:_:)``. The help adds the default.
    public mutating func number(
        _ name: String, letter: Character? = nil, valueName: String, default fallback: Int,
        in range: ClosedRange<Int>, _ help: String
    ) -> Int {
        number(name, letter: letter, valueName: valueName, in: range, "\(help) Default: \(fallback).") ?? fallback
    }

    /// Reads an option that can be given several times, each time with a value.
    ///
    /// - Parameters:
    ///   - name: the long name, without the dashes.
    ///   - letter: the one-letter name, such as `c` for `-c`; nil for none. Default: nil.
    ///   - valueName: the name of the value in the help.
    ///   - help: the effect of the option, with a full stop at its end.
    /// - Returns: all values, in order.
    public mutating func values(
        _ name: String, letter: Character? = nil, valueName: String, _ help: String
    ) -> [String] {
        values(name, letter: letter, valueName: valueName, .any, help)
    }

    private mutating func values(
        _ name: String, letter: Character?, valueName: String, _ values: CommandOption.Values, _ help: String
    ) -> [String] {
        options.append(
            CommandOption(name: name, letter: letter, valueName: valueName, values: values, help: help))
        return given?.all(name) ?? []
    }

    /// Reads an option with a path.
    ///
    /// The path is used as it is written. If it is blank, begins with `~` or contains `${`, for example, the command
    /// does not run.
    ///
    /// - Parameters:
    ///   - name: the long name, without the dashes.
    ///   - letter: the one-letter name, such as `c` for `-c`; nil for none. Default: nil.
    ///   - valueName: the name of the value in the help.
    ///   - help: the effect of the option, with a full stop at its end.
    /// - Returns: the path; nil if the option is not given. If it is given several times, the last path counts.
    public mutating func path(
        _ name: String, letter: Character? = nil, valueName: String, _ help: String
    ) -> String? {
        let path = values(name, letter: letter, valueName: valueName, .path, help).last
        if let path, let flaw = Self.flaw(in: path) { problem = problem ?? UsageError("'--\(name)' \(flaw)") }
        return path
    }

    /// Reads an option with a path that has a default.
    ///
    /// Apart from the default, this method works like ``path(_:letter:valueName:_:)``. The help adds the default.
    public mutating func path(
        _ name: String, letter: Character? = nil, valueName: String, default fallback: String, _ help: String
    ) -> String {
        path(name, letter: letter, valueName: valueName, "\(help) Default: \(fallback).") ?? fallback
    }

    /// Returns the problem with a path; nil if the path is right.
    ///
    /// The problem is the rest of a sentence that begins with the option's name.
    private static func flaw(in path: String) -> String? {
        if path.allSatisfy(\.isWhitespace) { return "needs a path, got a blank string" }
        if path.unicodeScalars.contains(where: VisibleText.isHidden) { return "cannot hold control characters" }
        if path.containsExactly("${") { return "cannot hold '${': placeholders are not replaced here" }
        return LiteralPath.problem(with: path)
    }

    /// Reads the options for a project: `-o`, `--profile`, `--set`, `--config` and `--lenient`.
    ///
    /// If the program is a ``CommandLineTool`` that builds applications, and the folder has one, then the application
    /// takes the program's place before the command runs. So the application's list of commands must also have the
    /// command.
    ///
    /// - Parameter log: the log of the application. Default: nothing is logged.
    /// - Returns: an application of the project in the working directory, with the program's handlers and kinds. You
    ///   can check it or run it.
    public mutating func application(log: Log = .silent) -> Application {
        let settings = projectSettings()
        return tool.application(settings, log: log)
    }

    /// Reads the options of every command that reads the project.
    mutating func projectSettings() -> Application.Settings {
        var settings = Application.Settings()
        settings.overrides = values(
            "override", letter: "o", valueName: "ns:entry:path=value",
            "Set a field of an entry. Write a list as [a, b] or a,b, and a map as {a: b}. You can repeat the option, "
                + "or write several overrides with commas between."
        )
        readSettingsFile(into: &settings)
        settings.isLenient = flag(
            "lenient",
            "Treat two errors as warnings: an id that is declared twice, and an unknown field that "
                + "resembles no known one.")
        self.settings = settings
        return settings
    }

    /// Reads the options of a command about the program's kinds: `--profile`, `--set` and `--config`.
    @discardableResult
    mutating func settingsFile() -> Application.Settings {
        var settings = Application.Settings()
        readSettingsFile(into: &settings)
        self.settings = settings
        return settings
    }

    private mutating func readSettingsFile(into settings: inout Application.Settings) {
        settings.profiles = values(
            "profile", valueName: "name",
            "Use a profile of the settings file. You can repeat the option; the last profile takes precedence.")
        settings.assignments = values(
            "set", valueName: "section.path=value", "Set a value of the settings file. You can repeat the option.")
        settings.settingsFile = path("config", valueName: "file", "Read this settings file instead of .wippy.yaml.")
    }
}
