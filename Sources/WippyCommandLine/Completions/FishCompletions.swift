/// Writes the script with completions for fish.
struct FishCompletions {
    let program: String
    let commands: [CommandDescription]

    var text: String {
        """
        # Completions of \(program) for fish, written by '\(program) completions --shell fish'.
        complete -c \(program) -f
        \(commands.map(lines).joined())
        """
    }

    private func lines(of command: CommandDescription) -> String {
        let name = "complete -c \(program) -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))\n"
        let words = command.operandWords.map { word in
            "complete -c \(program) -n '__fish_seen_subcommand_from \(command.name)' -a \(word)\n"
        }
        return name + words.joined()
            + command.completedOptions.map { option in
                let letter = option.letter.map { " -s \($0)" } ?? ""
                return
                    "complete -c \(program) -n '__fish_seen_subcommand_from \(command.name)' -l \(option.name)\(letter)"
                    + "\(value(of: option)) -d \(quoted(option.help))\n"
            }.joined()
    }

    private func value(of option: CommandOption) -> String {
        guard option.valueName != nil else { return "" }
        return switch option.values {
        case .any: " -x"
        case .path: " -r -F"
        case .words(let words): " -x -a \(quoted(words.joined(separator: " ")))"
        }
    }

    private func quoted(_ text: String) -> String {
        var quoted = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "'"
    }
}
