/// Writes the script with completions for zsh.
struct ZshCompletions {
    let program: String
    let commands: [CommandDescription]

    var text: String {
        """
        #compdef \(program)
        # Completions of \(program) for zsh, written by '\(program) completions --shell zsh'.

        local -a commands=(
        \(commands.map { "    \(Shell.quoted("\($0.name):\($0.summary)"))\n" }.joined()))
        if (( CURRENT == 2 )); then
            _describe command commands
            return
        fi
        shift words
        (( CURRENT-- ))
        case $words[1] in
        \(commands.map(arguments).joined())\
        esac

        """
    }

    private func arguments(of command: CommandDescription) -> String {
        let operands = command.operands.map { operand in
            Shell.quoted("\(operand.isRequired ? "" : ":"):\(operand.name):\(action(of: operand.words))")
        }
        let specifications = operands + command.completedOptions.flatMap(specifications)
        return "\(command.name)) _arguments -s \(specifications.map { "\\\n    \($0)" }.joined(separator: " ")) ;;\n"
    }

    /// Returns a specification for each name of the option.
    ///
    /// An option may be given several times.
    private func specifications(of option: CommandOption) -> [String] {
        let value = option.valueName.map { ":\(escaped($0)):\(action(of: option))" } ?? ""
        return option.words.map { word in
            let attached = value.isEmpty ? "" : word.utf8.count > 2 ? "=" : "+"
            return Shell.quoted("*\(word)\(attached)[\(escaped(option.help))]\(value)")
        }
    }

    private func action(of option: CommandOption) -> String {
        switch option.values {
        case .any: " "
        case .path: "_files"
        case .words(let words): action(of: words)
        }
    }

    private func action(of words: [String]?) -> String { words.map { "(\($0.joined(separator: " ")))" } ?? " " }

    /// Returns a text with the special characters of specifications escaped.
    private func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if [":", "[", "]", "\\"].contains(scalar) { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }
}
