import WippyText

/// What a command is called, does and takes, as it says by itself: its arguments are parsed, and its help is written by
/// it.
struct CommandDescription {
    let name: String
    let summary: String
    let discussion: String
    let operands: [CommandOperand]
    let options: [CommandOption]

    init(of command: any Command.Type, tool: CommandLineTool) {
        var reader = OptionReader(of: tool)
        // Without arguments nothing can be wrong with them.
        _ = try? command.init(from: &reader)
        name = command.name
        summary = command.summary
        discussion = command.discussion
        operands = reader.operands
        options = reader.options
    }

    /// The option of a long or one-letter name.
    func option(named name: String) -> CommandOption? {
        options.first { ExactText.areEqual($0.name, name) || (name.count == 1 && $0.letter == name.first) }
    }

    /// What `--help` prints.
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

/// A word that stands by itself behind a command's name, such as `list` of `queue list`.
struct CommandOperand {
    /// What stands for it in the help.
    let name: String
    /// The words that it can be; nil for any.
    let words: [String]?
    /// Whether the command needs it.
    let isRequired: Bool
    /// Whether any number of words may stand there.
    var isRepeated = false
    /// What it means, one sentence.
    let help: String

    /// As it is given: `<action>`, or `[queue]` if it can be left out, `[words...]` if there may be more.
    var usage: String { isRequired ? "<\(name)>" : isRepeated ? "[\(name)...]" : "[\(name)]" }
}

/// One option, such as `-o, --override <ns:entry:path=value>`.
struct CommandOption {
    /// The long name without its dashes.
    let name: String
    /// The one-letter name, if there is one.
    let letter: Character?
    /// What stands for the value in the help; nil for an option that is there or not.
    let valueName: String?
    /// What its value can be, for a shell that completes it.
    var values = Values.any
    /// What it does, one sentence.
    let help: String

    /// What the value of an option can be.
    enum Values {
        case any
        case path
        case words([String])
    }

    /// What every command has.
    static let help = CommandOption(name: "help", letter: "h", valueName: nil, help: "Show this help.")

    /// As it is given: `-o, --override <ns:entry:path=value>`.
    var usage: String {
        let names = (letter.map { "-\($0), " } ?? "    ") + "--\(name)"
        return valueName.map { "\(names) <\($0)>" } ?? names
    }
}

extension String {
    /// The text with spaces behind it up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
