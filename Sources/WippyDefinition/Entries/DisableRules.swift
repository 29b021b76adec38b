import WippyText

/// The section `disable` of `.wippy.yaml`: patterns of the entries to leave out.
///
/// ```yaml
/// disable:
///   namespaces: ["app.debug*"]
///   entries: ["app:*_test"]
///   meta: {tier: [experimental, "beta-?"]}
/// ```
///
/// In a pattern, `*` matches any number of Unicode scalars, and `?` matches one.
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

    /// The name of the section.
    static let section: ExactText = "disable"

    private let rules: [Rule]

    /// Reads the section.
    ///
    /// A malformed pattern is reported and left out.
    init(from fields: inout FieldReader) {
        let patterns = FieldForm.either([.list(of: .text), .text], words: "a list of patterns")
        let namespaces = fields.custom(
            "\(Self.section).namespaces", form: patterns, default: [Rule](),
            "The namespaces to leave out, as patterns: `*` stands for any text, `?` for any one character."
        ) { node, fields in
            fields.each(of: node, at: "\(Self.section).namespaces") { node throws(FieldProblem) in
                Rule(subject: .namespace, pattern: try node.pattern(), location: node.location)
            }
        }
        let entries = fields.custom(
            "\(Self.section).entries", form: patterns, default: [Rule](),
            "The entries to leave out, as patterns of namespace:name."
        ) { node, fields in
            fields.each(of: node, at: "\(Self.section).entries") { node throws(FieldProblem) in
                guard let id = EntryID(try node.pattern()) else {
                    throw .expected("namespace:name", got: node)
                }
                return Rule(subject: .entry(name: id.name), pattern: id.namespace, location: node.location)
            }
        }
        let meta = fields.custom(
            "\(Self.section).meta", form: .map(of: patterns), default: [Rule](),
            "The entries to leave out, by their `meta`. Each key is a field of `meta`. An entry is left out if its "
                + "value of this field fits one of the patterns."
        ) { node, fields throws(FieldProblem) in
            guard node.isMap else { throw .expected("a map", got: node) }
            return node.pairs.flatMap { pair in
                fields.each(of: pair.value, at: "\(Self.section).meta.\(pair.key)") { node throws(FieldProblem) in
                    Rule(subject: .meta(key: pair.key), pattern: try node.pattern(), location: node.location)
                }
            }
        }
        rules = namespaces + entries + meta
    }
}

extension Node {
    /// Returns the text of a pattern; throws for an empty text, a list or a map.
    fileprivate func pattern() throws(FieldProblem) -> String {
        guard let text = scalar?.text, !text.isEmpty else { throw .expected("a pattern", got: self) }
        return text
    }

    /// The text of a scalar, or the texts of a list's scalars.
    fileprivate var texts: [String] {
        switch content {
        case .scalar(let scalar): [scalar.text]
        case .sequence(let nodes): nodes.compactMap { $0.scalar?.text }
        case .mapping: []
        }
    }
}

extension DisableRules {
    /// Applies the rules to a project's entries, one after another, and notes the rules that were used.
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

        /// Returns the place of the first rule that matches an entry; nil if no rule matches.
        mutating func place(matching entry: EntryDeclaration) -> Location? {
            var first: Int?
            for index in candidates(for: entry) where !isUsed[index] || index < first ?? .max {
                guard rules[index].matches(entry) else { continue }
                isUsed[index] = true
                first = min(index, first ?? index)
            }
            return first.map { rules[$0].location }
        }

        /// The places of the rules that have matched no entry.
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

/// Finds the patterns that may match a text, by the bytes between their wildcards.
///
/// So a text is compared only with patterns that share a run of bytes with it.
private struct PatternIndex {
    /// The numbers of the patterns, by the length of a run of bytes, and then by the run.
    ///
    /// A text that a pattern matches contains the run of the pattern.
    private var numbers: [Int: [ArraySlice<UInt8>: [Int]]] = [:]

    /// Creates an index of patterns, each with its number.
    init(_ patterns: [(text: String, number: Int)]) {
        let runs = patterns.map { Self.runs(of: $0.text) }
        var uses: [ArraySlice<UInt8>: Int] = [:]
        for run in runs.joined() { uses[run, default: 0] += 1 }
        for (pattern, runs) in zip(patterns, runs) {
            // Among a pattern's runs, the rarest one distinguishes it best.
            let run = runs.min { (uses[$0] ?? 0, $1.count) < (uses[$1] ?? 0, $0.count) } ?? []
            numbers[run.count, default: [:]][run, default: []].append(pattern.number)
        }
    }

    private static func runs(of pattern: String) -> [ArraySlice<UInt8>] {
        Array(pattern.utf8).split { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }

    /// Returns the numbers of all patterns that match the text, and perhaps of some others.
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
    /// Returns true if a pattern matches a whole text.
    ///
    /// The time is at most proportional to the product of their lengths.
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
