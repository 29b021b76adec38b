import FoundationEssentials
import Testing

/// A text of `Tests/JSONCases`, which describes the form of its files, and what is to become of it.
struct JSONCase: Sendable, CustomTestStringConvertible {
    enum Verdict: Sendable, Equatable {
        /// The text as it is written again.
        case value(written: [UInt8])
        /// The byte that breaks a rule.
        case error(at: Int)
    }

    /// What the case has in common with its neighbours.
    let title: String
    let text: [UInt8]
    let verdict: Verdict

    var testDescription: String { "\(title): \(String(decoding: text, as: UTF8.self).debugDescription)" }

    /// The text of the value as it is written again; nil for an error.
    var written: [UInt8]? {
        if case .value(let written) = verdict { written } else { nil }
    }

    /// Every case of the folder.
    static let table = Result {
        try read(folder: #filePath.replacing("WippyValuesTests/JSONCase.swift", with: "JSONCases"))
    }

    static let all = (try? table.get()) ?? []
    static let valid = all.filter { $0.written != nil }

    private static func read(folder: String) throws -> [JSONCase] {
        var cases: [JSONCase] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".txt") {
            var title = ""
            var text: [UInt8] = []
            for line in try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8).split(separator: "\n") {
                if line.hasPrefix("== ") {
                    title = String(line.dropFirst(3))
                } else if line.hasPrefix("-- ") {
                    cases.append(JSONCase(title: title, text: text, verdict: try verdict(line.dropFirst(3))))
                    text = []
                } else {
                    text += try bytes(of: line)
                }
            }
        }
        return cases
    }

    private static func verdict(_ line: Substring) throws -> Verdict {
        guard line.hasPrefix("error at ") else { return .value(written: try bytes(of: line)) }
        return .error(at: try #require(Int(line.dropFirst("error at ".count))))
    }

    /// The bytes of a line, in which `\xHH` is the only escape.
    private static func bytes(of line: Substring) throws -> [UInt8] {
        var parts = line.split(separator: #"\x"#, omittingEmptySubsequences: false)[...]
        var bytes = Array((parts.popFirst() ?? "").utf8)
        for part in parts {
            bytes.append(try #require(UInt8(part.prefix(2), radix: 16)))
            bytes += part.utf8.dropFirst(2)
        }
        return bytes
    }
}
