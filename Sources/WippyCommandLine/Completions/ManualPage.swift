import WippyText

/// The program's page in section 1 of the manual, in the language of man.
struct ManualPage {
    let program: String
    let commands: [CommandDescription]

    var text: String {
        """
        .TH \(escaped(program.uppercasedASCII)) 1 "" "wippy-swift \(VersionCommand.version)"
        .ad l
        .nh
        .SH NAME
        \(escaped(program)) \\- run applications that are declared in YAML
        .SH SYNOPSIS
        .B \(escaped(program))
        .I command
        .RI [ options ]
        .SH DESCRIPTION
        Runs the project in the working directory: a folder of definition files, whose entries are databases, queues,
        servers, routes, functions, processes and consumers.
        .SH COMMANDS
        \(commands.map(section).joined())\
        .SH EXIT STATUS
        0 if the command did its work, 1 if not; the last line on standard error says why.
        .SH FILES
        .TP
        .I wippy.lock
        Where the definition files are; without it they are in ./src.
        .TP
        .I .wippy.yaml
        How the project runs; it need not be there.

        """
    }

    private func section(of command: CommandDescription) -> String {
        let paragraphs = [command.summary, command.discussion].filter { !$0.isEmpty }.map(paragraph)
        let operands = command.operands.map { operand in
            ".TP\n.I \(escaped(operand.usage))\n\(line(operand.help))\n"
        }
        let options = command.completedOptions.map { option in
            ".TP\n.B \(escaped(Substring(option.usage.unicodeScalars.drop { $0 == " " })))\n\(line(option.help))\n"
        }
        return ".SS \(escaped(command.name))\n\(paragraphs.joined(separator: ".PP\n"))\((operands + options).joined())"
    }

    /// Returns text for man, with the same paragraphs.
    ///
    /// Lines that begin with a space stay separate lines.
    private func paragraph(_ text: String) -> String {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? ".PP\n" : "\(line(String($0)))\n" }.joined()
    }

    /// Returns a line of text for man.
    ///
    /// Man does not take the line as a request, however it begins.
    private func line(_ text: String) -> String {
        (text.hasExactPrefix(".") || text.hasExactPrefix("'") ? "\\&" : "") + escaped(text)
    }

    private func escaped(_ text: some StringProtocol) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
