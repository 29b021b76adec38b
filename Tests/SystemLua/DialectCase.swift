import Foundation

/// A row of the table of the dialect's cases, which lies beside the checkout.
public struct DialectCase: Sendable {
    /// What the row is called.
    public let id: String
    /// A chunk.
    public let snippet: String
    /// What it gives in the dialect.
    public let expected: String
    /// What it gives in Lua 5.4.
    public let lua54: String
    /// Which of both it has to give.
    public let target: String

    /// Whether the table is there.
    public static var areThere: Bool { FileManager.default.isReadableFile(atPath: path) }

    private static let path: String = {
        let folder = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        return "/\(folder)/shared/reference/lua-dialect-cases.tsv"
    }()

    /// All rows.
    public static func all() throws -> [DialectCase] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return lines.dropFirst().map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(unescaped)
            return DialectCase(
                id: fields[0], snippet: fields[1], expected: fields[2], lua54: fields[5], target: fields[6])
        }
    }

    private static func unescaped(_ field: Substring) -> String {
        var text = ""
        var isEscape = false
        for character in field {
            if isEscape {
                text.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
                isEscape = false
            } else if character == "\\" {
                isEscape = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}
