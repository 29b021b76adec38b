/// A shell for which there are completions.
enum Shell: String, CaseIterable {
    case bash, zsh, fish

    /// Returns the script that completes a program's commands and options.
    func completions(of program: String, _ commands: [CommandDescription]) -> String {
        switch self {
        case .bash: BashCompletions(program: program, commands: commands).text
        case .zsh: ZshCompletions(program: program, commands: commands).text
        case .fish: FishCompletions(program: program, commands: commands).text
        }
    }

    /// Returns a text as one word of Bash or zsh.
    static func quoted(_ text: String) -> String {
        "'"
            + text.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
            .joined(separator: #"'\''"#) + "'"
    }

    /// Returns the name of the function that completes a program's words.
    static func function(of program: String) -> String {
        "_" + String(String.UnicodeScalarView(program.unicodeScalars.map { isWordSign($0) ? $0 : "_" }))
    }

    private static func isWordSign(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    }
}

extension CommandDescription {
    /// The options of the command, with `--help`.
    var completedOptions: [CommandOption] { options + [.help] }

    /// The words that can follow the command's name.
    var operandWords: [String] { operands.flatMap { $0.words ?? [] } }
}

extension CommandOption {
    /// The names of the option on the command line: `--override`, and `-o` if the option has a letter.
    var words: [String] { ["--\(name)"] + (letter.map { ["-\($0)"] } ?? []) }
}
