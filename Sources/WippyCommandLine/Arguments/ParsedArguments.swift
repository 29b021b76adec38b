public import WippyDefinition
import WippyText

/// The parsed arguments of a command: its options, and the words that are not options.
struct ParsedArguments {
    private var values: [ExactText: [String]] = [:]

    /// The words that are not options, in order.
    private(set) var operands: [String] = []

    /// True if the arguments ask for help.
    private(set) var asksForHelp = false

    /// Parses the arguments after a command's name.
    ///
    /// - Throws: ``UsageError`` for an unknown option, with a suggestion, and for more words than the command takes.
    init(_ arguments: some Sequence<String>, for command: CommandDescription) throws(UsageError) {
        var rest = Array(arguments)[...]
        var hasOptions = true
        while let argument = rest.popFirst() {
            guard hasOptions, argument.hasExactPrefix("-"), argument.count > 1 else {
                guard operands.count < command.operands.count || command.operands.last?.isRepeated == true else {
                    throw UsageError("'\(command.name)' takes no argument '\(argument)'")
                }
                operands.append(argument)
                continue
            }
            if ExactText.areEqual(argument, "--") {
                hasOptions = false
                continue
            }
            let parts = argument.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            let isLong = argument.hasExactPrefix("--")
            let name = String(isLong ? Substring(parts[0].dropping("--")) : argument.dropping("-").prefix(1))
            if name == "help" || name == "h" {
                asksForHelp = true
                continue
            }
            guard let option = command.option(named: name), isLong == (name.count > 1) else {
                throw UsageError.unknownOption(parts[0], of: command)
            }
            let attached = isLong ? (parts.count == 2 ? parts[1] : nil) : Self.attached(to: argument)
            try add(attached, to: option, given: parts[0], from: &rest)
        }
    }

    /// Finds some options with long names and values among the arguments of a command that is not known here.
    ///
    /// All other arguments are left out, and so are those after `--`.
    init(only options: [CommandOption], in arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst(), !ExactText.areEqual(argument, "--") {
            for option in options {
                if ExactText.areEqual(argument, "--\(option.name)"), let value = rest.popFirst() {
                    values[ExactText(option.name), default: []].append(value)
                } else if argument.hasExactPrefix("--\(option.name)=") {
                    values[ExactText(option.name), default: []].append(argument.dropping("--\(option.name)="))
                }
            }
        }
    }

    /// Returns the value that directly follows a one-letter option: `-oapp:x:y=1`.
    private static func attached(to argument: String) -> String? {
        argument.count > 2 ? String(argument.dropFirst(2)) : nil
    }

    private mutating func add(
        _ attached: String?, to option: CommandOption, given name: String,
        from rest: inout ArraySlice<String>
    ) throws(UsageError) {
        guard option.valueName != nil else {
            guard attached == nil else {
                throw UsageError(
                    "'\(name)' takes no value; write one-letter options separately")
            }
            values[ExactText(option.name)] = [""]
            return
        }
        guard let value = attached ?? rest.popFirst() else { throw UsageError("'\(name)' needs a value") }
        values[ExactText(option.name), default: []].append(value)
    }

    /// Returns true if an option is given.
    func has(_ name: String) -> Bool { values[ExactText(name)] != nil }

    /// Returns all values of an option, in order.
    func all(_ name: String) -> [String] { values[ExactText(name)] ?? [] }
}

/// The error of a command that cannot do what its command line asks.
///
/// An argument is wrong, or does not fit the project. The message tells the user what is wrong and, where possible,
/// what to write instead.
public struct UsageError: Error, CustomStringConvertible, Suggesting {
    /// The message, which the program prints.
    public var message: String

    /// The word that probably belongs in the place of a wrong one; nil if the error has none.
    public var suggestion: String?

    /// The message.
    public var description: String { message }

    /// Creates an error from its message.
    public init(_ message: String) {
        self.message = message
    }

    static func unknownOption(_ name: String, of command: CommandDescription) -> UsageError {
        let known = command.options.flatMap { ["--\($0.name)"] + ($0.letter.map { ["-\($0)"] } ?? []) } + ["--help"]
        let help = Spelling.nearest(
            to: name, among: known.filter { $0.hasExactPrefix("--") == name.hasExactPrefix("--") })
        let advice = name.count > 2 ? help.map { "did you mean '\($0)'?" } : nil
        return UsageError(
            "'\(command.name)' has no option '\(name)'; \(advice ?? "'\(command.name) --help' lists what it has")")
    }
}
