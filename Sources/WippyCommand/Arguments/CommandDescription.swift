import WippyText

/// What a command is called, does and takes: the one declaration from which it is parsed and its help is written.
struct CommandDescription {
    /// One option, such as `-o, --override <ns:entry:path=value>`.
    struct Option {
        /// The long name without its dashes, by which the command reads the option.
        let name: String
        /// The one-letter name, if there is one.
        let letter: Character?
        /// What stands for the value in the help; nil for an option that is there or not.
        let valueName: String?
        /// What it does, one sentence.
        let help: String

        /// An option that is there or not.
        static func flag(_ name: String, letter: Character? = nil, _ help: String) -> Option {
            Option(name: name, letter: letter, valueName: nil, help: help)
        }

        /// An option with a value; each time it is given adds one.
        static func value(_ name: String, letter: Character? = nil, _ valueName: String, _ help: String) -> Option {
            Option(name: name, letter: letter, valueName: valueName, help: help)
        }

        /// As it is given: `-o, --override <ns:entry:path=value>`.
        var usage: String {
            let names = (letter.map { "-\($0), " } ?? "    ") + "--\(name)"
            return valueName.map { "\(names) <\($0)>" } ?? names
        }
    }

    let name: String
    let summary: String
    let discussion: String
    let options: [Option]

    /// The option of a long or one-letter name.
    func option(named name: String) -> Option? {
        options.first { ExactText.areEqual($0.name, name) || (name.count == 1 && $0.letter == name.first) }
    }

    /// What `--help` prints.
    func help(of program: String) -> String {
        let all = options + [.help]
        let width = all.map(\.usage.count).max() ?? 0
        let rows = all.map { "  " + $0.usage.padded(to: width) + "  " + $0.help }
        let text = [summary, discussion].filter { !$0.isEmpty }.joined(separator: "\n\n")
        return "\(text)\n\nUsage: \(program) \(name) [options]\n\nOptions:\n\(rows.joined(separator: "\n"))"
    }
}

extension CommandDescription.Option {
    /// What every command has.
    static let help = flag("help", letter: "h", "Show this help.")
}

extension String {
    /// The text with spaces behind it up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
