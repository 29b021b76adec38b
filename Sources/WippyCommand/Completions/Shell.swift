/// A shell that completes words by a script.
enum Shell: String, CaseIterable {
    case bash, zsh, fish

    /// The script that completes the commands of a program and their options.
    func completions(of program: String, _ commands: [CommandDescription]) -> String {
        switch self {
        case .bash: BashCompletions(program: program, commands: commands).text
        case .zsh: ZshCompletions(program: program, commands: commands).text
        case .fish: FishCompletions(program: program, commands: commands).text
        }
    }

    /// A text as one word of Bash or zsh.
    static func quoted(_ text: String) -> String {
        "'"
            + text.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
            .joined(separator: #"'\''"#) + "'"
    }

    /// The name of the function that completes a program's words.
    static func function(of program: String) -> String {
        "_" + String(String.UnicodeScalarView(program.unicodeScalars.map { isWordSign($0) ? $0 : "_" }))
    }

    private static func isWordSign(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    }
}

extension CommandDescription {
    /// The options that it has, with the one that every command has.
    var completedOptions: [CommandOption] { options + [.help] }

    /// The words that its operands can be.
    var operandWords: [String] { operands.flatMap { $0.words ?? [] } }
}

extension CommandOption {
    /// `--override`, and `-o` if there is one.
    var words: [String] { ["--\(name)"] + (letter.map { ["-\($0)"] } ?? []) }
}
