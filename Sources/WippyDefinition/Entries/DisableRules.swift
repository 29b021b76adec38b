import WippyText

/// The section `disable` of `.wippy.yaml`: which entries to leave out.
///
/// ```yaml
/// disable:
///   namespaces: ["app.debug*"]
///   entries: ["app:*_test"]
///   meta: {tier: [experimental, "beta-?"]}
/// ```
///
/// In a pattern, `*` is any run of Unicode scalars, and `?` is any single one.
public struct DisableRules: Sendable {
    private struct Rule: Sendable {
        enum Subject: Sendable {
            case namespace
            case entry(name: String)
            case meta(key: ExactText)
        }

        let subject: Subject
        let pattern: String
        let location: Location

        func matches(_ entry: EntryDeclaration) -> Bool {
            switch subject {
            case .namespace: Glob.matches(pattern, entry.id.namespace)
            case .entry(let name): Glob.matches(pattern, entry.id.namespace) && Glob.matches(name, entry.id.name)
            case .meta(let key): entry.meta[key.string]?.texts.contains { Glob.matches(pattern, $0) } == true
            }
        }
    }

    private let rules: [Rule]

    /// Reads the section; a pattern of another form is an error and left out.
    init(from fields: inout FieldReader) {
        let patterns = FieldForm.either([.list(of: .text), .text], words: "a list of patterns")
        let namespaces = fields.custom(
            "disable.namespaces", form: patterns, default: [Rule](),
            "The namespaces to leave out; `*` is any text, `?` any one character."
        ) { node, fields in
            fields.each(of: node, at: "disable.namespaces") { node throws(FieldProblem) in
                Rule(subject: .namespace, pattern: try node.pattern(), location: node.location)
            }
        }
        let entries = fields.custom(
            "disable.entries", form: patterns, default: [Rule](),
            "The entries to leave out, as patterns of namespace:name."
        ) { node, fields in
            fields.each(of: node, at: "disable.entries") { node throws(FieldProblem) in
                guard let id = EntryID(try node.pattern(), relativeTo: "") else {
                    throw .expected("namespace:name", got: node)
                }
                return Rule(subject: .entry(name: id.name), pattern: id.namespace, location: node.location)
            }
        }
        let meta = fields.custom(
            "disable.meta", form: .map(of: patterns), default: [Rule](),
            "The entries to leave out: for a key of their `meta`, patterns of its value."
        ) { node, fields throws(FieldProblem) in
            guard node.isMap else { throw .expected("a map", got: node) }
            return node.pairs.flatMap { pair in
                fields.each(of: pair.value, at: "disable.meta.\(pair.key)") { node throws(FieldProblem) in
                    Rule(subject: .meta(key: pair.key), pattern: try node.pattern(), location: node.location)
                }
            }
        }
        rules = namespaces + entries + meta
    }
}

extension Node {
    /// The text of a pattern.
    fileprivate func pattern() throws(FieldProblem) -> String {
        guard let text = scalar?.text, !text.isEmpty else { throw .expected("a pattern", got: self) }
        return text
    }

    /// The text of a scalar, or those of a list's scalars.
    fileprivate var texts: [String] {
        switch content {
        case .scalar(let scalar): [scalar.text]
        case .sequence(let nodes): nodes.compactMap { $0.scalar?.text }
        case .mapping: []
        }
    }
}

extension DisableRules {
    /// The rules applied to the entries of a project, one after the other.
    struct Use {
        private typealias Pattern = (text: String, number: Int)

        private let rules: [Rule]
        private var isUsed: [Bool]
        private let namespaces: PatternIndex
        private let ids: PatternIndex
        private let meta: [ExactText: PatternIndex]

        init(_ rules: DisableRules) {
            self.rules = rules.rules
            isUsed = Array(repeating: false, count: rules.rules.count)
            var patterns: (namespaces: [Pattern], ids: [Pattern], meta: [ExactText: [Pattern]]) = ([], [], [:])
            for (index, rule) in self.rules.enumerated() {
                switch rule.subject {
                case .namespace: patterns.namespaces.append((rule.pattern, index))
                case .entry(let name): patterns.ids.append(("\(rule.pattern):\(name)", index))
                case .meta(let key): patterns.meta[key, default: []].append((rule.pattern, index))
                }
            }
            namespaces = PatternIndex(patterns.namespaces)
            ids = PatternIndex(patterns.ids)
            meta = patterns.meta.mapValues { PatternIndex($0) }
        }

        /// The place of the first rule that takes an entry away; nil when none does.
        mutating func place(matching entry: EntryDeclaration) -> Location? {
            var first: Int?
            for index in candidates(for: entry) where !isUsed[index] || index < first ?? .max {
                guard rules[index].matches(entry) else { continue }
                isUsed[index] = true
                first = min(index, first ?? index)
            }
            return first.map { rules[$0].location }
        }

        /// The places of the rules that have matched none of the entries.
        var unused: [Location] { zip(rules, isUsed).filter { !$1 }.map(\.0.location) }

        private func candidates(for entry: EntryDeclaration) -> [Int] {
            guard !rules.isEmpty else { return [] }
            var found = namespaces.candidates(for: entry.id.namespace) + ids.candidates(for: entry.id.description)
            for (key, index) in meta {
                for text in entry.meta[key.string]?.texts ?? [] { found += index.candidates(for: text) }
            }
            return found
        }
    }
}

/// Finds the patterns that may match a text by the bytes between their wildcards, so that many patterns cost no more
/// than those that come near.
private struct PatternIndex {
    /// The patterns' numbers, by a run of bytes that a text must hold to match; runs by their length.
    private var numbers: [Int: [ArraySlice<UInt8>: [Int]]] = [:]

    /// Creates an index of patterns, each with its number.
    init(_ patterns: [(text: String, number: Int)]) {
        let runs = patterns.map { Self.runs(of: $0.text) }
        var uses: [ArraySlice<UInt8>: Int] = [:]
        for run in runs.joined() { uses[run, default: 0] += 1 }
        for (pattern, runs) in zip(patterns, runs) {
            // Of its runs the one that tells it best from others.
            let run = runs.min { (uses[$0] ?? 0, $1.count) < (uses[$1] ?? 0, $0.count) } ?? []
            numbers[run.count, default: [:]][run, default: []].append(pattern.number)
        }
    }

    private static func runs(of pattern: String) -> [ArraySlice<UInt8>] {
        Array(pattern.utf8).split { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }

    /// The numbers of all patterns that match the text, and of others.
    func candidates(for text: String) -> [Int] {
        let bytes = Array(text.utf8)
        var found: [Int] = []
        for (length, patterns) in numbers where length <= bytes.count {
            for start in 0...(length == 0 ? 0 : bytes.count - length) {
                found += patterns[bytes[start..<start + length]] ?? []
            }
        }
        return found
    }
}

/// Patterns with `*` and `?`.
package enum Glob {
    /// Whether a pattern matches the whole of a text; the time is at most the product of the lengths.
    package static func matches(_ pattern: String, _ text: String) -> Bool {
        let (pattern, text) = (Array(pattern.unicodeScalars), Array(text.unicodeScalars))
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (p, t) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
