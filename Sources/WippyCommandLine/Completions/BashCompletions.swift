/// Writes the script with completions for Bash 4.4 and later.
struct BashCompletions {
    let program: String
    let commands: [CommandDescription]

    var text: String {
        let function = Shell.function(of: program)
        return """
            # Completions of \(program) for Bash, written by '\(program) completions --shell bash'.
            \(function)() {
                local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
                COMPREPLY=()
                if ((COMP_CWORD == 1)); then
                    mapfile -t COMPREPLY < <(compgen -W \(Shell.quoted(names)) -- "$word")
                    return
                fi
                # Bash takes the sign of --config=file for a word.
                if [[ $word == = ]]; then
                    word=
                elif [[ $option == = ]]; then
                    option=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                case "${COMP_WORDS[1]} $option" in
            \(commands.flatMap { command in command.options.compactMap { values(of: $0, command) } }.joined())\
                esac
                case ${COMP_WORDS[1]} in
            \(commands.map(options).joined())\
                esac
            }
            complete -F \(function) \(program)

            """
    }

    private var names: String { (commands.map(\.name) + ["help"]).joined(separator: " ") }

    /// Returns the lines that complete an option's value; nil for an option without a value.
    private func values(of option: CommandOption, _ command: CommandDescription) -> String? {
        guard option.valueName != nil else { return nil }
        let patterns = option.words.map { "'\(command.name) \($0)'" }.joined(separator: " | ")
        let reply =
            switch option.values {
            case .any: ""
            case .path: "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); "
            case .words(let words):
                "mapfile -t COMPREPLY < <(compgen -W \(Shell.quoted(words.joined(separator: " "))) -- \"$word\"); "
            }
        return "        \(patterns)) \(reply)return ;;\n"
    }

    private func options(of command: CommandDescription) -> String {
        let words = (command.operandWords + command.completedOptions.flatMap(\.words)).joined(separator: " ")
        return "        \(command.name)) mapfile -t COMPREPLY < <(compgen -W \(Shell.quoted(words)) -- \"$word\") ;;\n"
    }
}
