import FoundationEssentials
import Testing

@testable import HTTPServing

/// Bytes that a client sends, and what the parser has to say about them: a case of `Tests/HTTPCases`.
struct RawCase: CustomTestStringConvertible {
    let title: String
    let bytes: [UInt8]
    /// Per event: `GET /target`, `body …`, `end`, a failure's status, or `cut` for a message that is not whole.
    let expected: [String]

    /// Every case of every file.
    static let all = Result {
        try read(folder: #filePath.replacing("HTTPServingTests/RawCase.swift", with: "HTTPCases"))
    }

    /// The limits that the cases are made for.
    static let limits = {
        var limits = RequestLimits()
        (limits.headerBytes, limits.headerFields, limits.bodyBytes) = (4096, 100, 1000)
        return limits
    }()

    var testDescription: String { title }
}

/// Reading the files, whose form `Tests/HTTPCases/README.md` describes.
extension RawCase {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private static func read(folder: String) throws -> [RawCase] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".txt") }
        let cases = try names.sorted().flatMap { name in
            try read(String(contentsOf: URL(filePath: "\(folder)/\(name)"), encoding: .utf8), name: name)
        }
        for (title, same) in Dictionary(grouping: cases, by: \.title) where same.count > 1 {
            throw Malformed(description: "there are \(same.count) cases with the title '\(title)'")
        }
        return cases
    }

    /// The cases of one file's text.
    static func read(_ text: String, name: String) throws -> [RawCase] {
        var cases: [RawCase] = []
        var (before, after): ([UInt8], [UInt8]) = ([], [])
        var open: (title: String, bytes: [UInt8])?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do {
                let (mark, rest) = (line.prefix(2), line.dropFirst(3))
                switch (mark, open) {
                case ("--", let ending?):
                    let events = try rest.isEmpty ? [] : rest.split(separator: " | ").map { try decode($0) }
                    cases.append(
                        RawCase(
                            title: ending.title, bytes: before + ending.bytes + after,
                            expected: events.map { String(decoding: $0, as: UTF8.self) }))
                    open = nil
                case ("==", nil) where !rest.isEmpty: open = (String(rest), [])
                case ("<<", nil): before = try decode(rest)
                case (">>", nil): after = try decode(rest)
                case (_, nil) where line.isEmpty || line.hasPrefix("# "): break
                case (_, let current?) where !["==", "<<", ">>"].contains(mark) && !line.isEmpty:
                    open = (current.title, current.bytes + (try decode(line)))
                default: throw Malformed(description: "this line does not belong here")
                }
            } catch {
                throw Malformed(description: "\(name):\(index + 1): \(error)")
            }
        }
        guard open == nil else { throw Malformed(description: "\(name): the last case has no end") }
        return cases
    }

    /// The bytes that a line stands for.
    private static func decode(_ line: Substring) throws -> [UInt8] {
        guard line.utf8.first != 0x20, line.utf8.last != 0x20, line.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw Malformed(description: "white space at an edge, or a character that has to be escaped")
        }
        var rest = line
        let bytes = try decode(from: &rest, until: nil)
        guard rest.isEmpty else { throw Malformed(description: "a repetition ends that was not begun") }
        return bytes
    }

    /// The bytes up to a character, which stays; or up to the end.
    private static func decode(from rest: inout Substring, until end: Character?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let character = rest.first, character != end {
            rest.removeFirst()
            guard character == "\\" else {
                bytes += Array(String(character).utf8)
                continue
            }
            switch rest.popFirst() {
            case "r": bytes.append(0x0D)
            case "n": bytes.append(0x0A)
            case "t": bytes.append(0x09)
            case "\\": bytes.append(0x5C)
            case "x":
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let byte = UInt8(digits, radix: 16) else {
                    throw Malformed(description: "\\x without two digits")
                }
                bytes.append(byte)
                rest.removeFirst(2)
            case "{":
                let unit = try decode(from: &rest, until: "*")
                let count = rest.dropFirst().prefix { $0.isNumber }
                rest = rest.dropFirst(1 + count.count)
                guard let count = Int(count), rest.popFirst() == "}" else {
                    throw Malformed(description: "a repetition without its count")
                }
                for _ in 0..<count { bytes += unit }
            default: throw Malformed(description: "an escape that there is not")
            }
        }
        return bytes
    }
}

extension RequestParser {
    /// What comes out when the bytes are shown piece by piece, the pieces of a body joined.
    ///
    /// Says "unused" if the parser asks for more without having used what it was shown.
    mutating func events(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var events: [String] = []
        var body: [UInt8] = []
        func finishBody() {
            if !body.isEmpty { events.append("body " + String(decoding: body, as: UTF8.self)) }
            body = []
        }
        for piece in pieces {
            var offset = 0
            reading: while true {
                switch next(piece.span, at: &offset) {
                case .needsMore:
                    if offset != piece.count { events.append("unused") }
                    break reading
                case .head(let head, _): events.append("\(head.method) \(head.requestTarget)")
                case .body(let range): body += piece.dropFirst(range.lowerBound).prefix(range.count)
                case .end:
                    finishBody()
                    events.append("end")
                case .failed(let failure):
                    finishBody()
                    return events + ["\(failure.status.code)"]
                }
            }
        }
        finishBody()
        return isInHead || remainingBodyBytes != 0 ? events + ["cut"] : events
    }
}

extension Array {
    /// The elements in slices of this length, the last one shorter.
    func pieces(of length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}
