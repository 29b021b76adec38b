import WippyText

/// A command's name, summary, arguments and options.
///
/// The parser and the help use it.
struct CommandDescription {
    let name: String
    let summary: String
    let discussion: String
    let operands: [CommandOperand]
    let options: [CommandOption]

    init(of command: any Command.Type, tool: CommandLineTool) {
        var reader = OptionReader(of: tool)
        // Without arguments, no argument can be wrong.
        _ = try? command.init(from: &reader)
        name = command.name
        summary = command.summary
        discussion = [command.discussion, reader.discussion].filter { !$0.isEmpty }.joined(separator: "\n\n")
        operands = reader.operands
        options = reader.options
    }

    /// Returns the option with a long or one-letter name; nil if the command does not have it.
    func option(named name: String) -> CommandOption? {
        options.first { ExactText.areEqual($0.name, name) || (name.count == 1 && $0.letter == name.first) }
    }

    /// Returns the text that `--help` prints.
    func help(of program: String) -> String {
        let all = options + [.help]
        let width = all.map(\.usage.count).max() ?? 0
        let rows = all.map { "  " + $0.usage.padded(to: width) + "  " + $0.help }
        let text = [summary, discussion].filter { !$0.isEmpty }.joined(separator: "\n\n")
        let usage = ([program, name] + operands.map(\.usage) + ["[options]"]).joined(separator: " ")
        let arguments = operands.isEmpty ? "" : "Arguments:\n\(helpOfOperands)\n\n"
        return "\(text)\n\nUsage: \(usage)\n\n\(arguments)Options:\n\(rows.joined(separator: "\n"))"
    }

    private var helpOfOperands: String {
        let width = operands.map(\.usage.count).max() ?? 0
        return operands.map { "  " + $0.usage.padded(to: width) + "  " + $0.help }.joined(separator: "\n")
    }
}

/// A word after a command's name, such as `list` in `queue list`.
struct CommandOperand {
    /// The name of the word in the help.
    let name: String
    /// The allowed words; nil for any word.
    let words: [String]?
    /// True if the word is required.
    let isRequired: Bool
    /// True if there may be any number of words.
    var isRepeated = false
    /// The meaning of the word, with a full stop at its end.
    let help: String

    /// The form in the help: `<action>`, `[queue]` for an optional word, `[words...]` for any number of words.
    var usage: String { isRequired ? "<\(name)>" : isRepeated ? "[\(name)...]" : "[\(name)]" }
}

/// An option of a command, such as `-o, --override <ns:entry:path=value>`.
struct CommandOption {
    /// The long name, without the dashes.
    let name: String
    /// The one-letter name; nil if the option does not have one.
    let letter: Character?
    /// The name of the value in the help; nil for an option without a value.
    let valueName: String?
    /// The possible values, for completion by a shell.
    var values = Values.any
    /// The effect of the option, with a full stop at its end.
    let help: String

    /// The possible values of an option.
    enum Values {
        case any
        case path
        case words([String])
    }

    /// The option `--help`, which every command has.
    static let help = CommandOption(name: "help", letter: "h", valueName: nil, help: "Show this help.")

    /// The form in the help: `-o, --override <ns:entry:path=value>`.
    var usage: String {
        let names = (letter.map { "-\($0), " } ?? "    ") + "--\(name)"
        return valueName.map { "\(names) <\($0)>" } ?? names
    }
}
