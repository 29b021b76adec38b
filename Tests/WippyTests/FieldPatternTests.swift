import Testing
import Wippy

@testable import WippyDefinition
@testable import WippyRuntime

/// The patterns of fields, which an editor goes by, beside the reading of the same texts.
@Suite("Patterns of fields")
struct FieldPatternTests {
    /// A root whose fields are read: an entry of a kind, or a file.
    struct Root: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let read: @Sendable (inout FieldReader) -> Void

        /// The problems of a field that has a text.
        func problems(of text: String, at path: String) -> [Diagnostic] {
            let place = Location(source: "text")
            var fields = FieldReader(Node(text, at: place, below: path), unknownFields: .silence)
            read(&fields)
            return fields.finish().filter { $0.severity == .error && $0.location.source == place.source }
        }
    }

    private static let roots: [Root] = {
        let program = Program(kinds: KindCatalog(.standard))
        let kinds = program.kinds.all.map { kind in
            Root(testDescription: type(of: kind).name.description) { _ = kind.config(from: &$0, in: program) }
        }
        return kinds + [
            Root(testDescription: "wippy.lock") { _ = LockFile(from: &$0) },
            Root(testDescription: ".wippy.yaml") { _ = ProjectSettings(from: &$0) },
        ]
    }()

    /// Texts to begin with, beside the examples of a form.
    private static let seeds = [
        "", "a", "app:a", "/", "/a", "/a/b", "/{id}", "/a/", "org/module", "../up", "a/..", "NAME_1", "600", "10s",
        "@daily", "@every 1h", "* * * *", "localhost:80", "[::1]:80", "Etc/GMT+5", "./a", "/livez", "https://a.b", "*",
    ]

    /// Fields that refuse more than their patterns do, and why.
    private static let looser = [
        "source": "the script is compiled",
        "handler": "the program has only some handlers",
        "time zone": "the system's files say which zones there are",
        "cron": "numbers and the days of months are counted",
        "/users/{id}": "the names of parameters, encoded bytes and dots are looked at",
        "/api/{tenant}": "as for a path",
        "/livez": "encoded bytes and dots are looked at",
        "host:port": "numbers of addresses are looked at",
        "origins": "the schemes of origins are looked at",
        "the path of a file": "what looks like an expansion or ':memory:' is refused",
        "seconds": "numbers are bounded",
        "a whole number": "as are these, written as texts",
    ]

    @Test("What is read has the pattern, and what is refused has not, unless it is said why", arguments: roots)
    func agree(_ root: Root) throws {
        var reader = FieldReader()
        root.read(&reader)
        for field in reader.descriptions {
            guard field.form.hasPattern, field.condition == nil,
                let written = Value.schema(FieldSchema.value(of: field.form, isOptional: false))["pattern"]?.string
            else { continue }
            let pattern = try Regex(written).matchingSemantics(.unicodeScalar)
            let isLooser = Self.looser.contains { field.path == $0.key || field.form.words.contains($0.key) }
            let texts = Set(field.form.examples + Self.seeds)
            let read = texts.filter { root.problems(of: $0, at: field.path).isEmpty }
            let wrong = try texts.union(Self.nearMisses(of: read)).filter { text in
                let hasPattern = try pattern.firstMatch(in: text) != nil
                let isRead = root.problems(of: text, at: field.path).isEmpty
                return isRead ? !hasPattern : hasPattern && !isLooser
            }
            #expect(wrong.sorted().prefix(5) == [], "\(field.path): \(written)")
        }
    }

    /// Texts, and each of them with one character more, less or other.
    private static func nearMisses(of texts: Set<String>) -> Set<String> {
        let others = " /:.?#{-+@*\\,_é0aZ".unicodeScalars
        return texts.reduce(into: []) { found, text in
            let scalars = Array(text.unicodeScalars)
            func insert(_ replacement: [Unicode.Scalar], at place: Int, removing count: Int) {
                guard place + count <= scalars.count else { return }
                var changed = scalars
                changed.replaceSubrange(place..<place + count, with: replacement)
                found.insert(String(String.UnicodeScalarView(changed)))
            }
            for place in 0...scalars.count {
                insert([], at: place, removing: 1)
                for other in others {
                    insert([other], at: place, removing: 0)
                    insert([other], at: place, removing: 1)
                }
            }
        }
    }
}

extension FieldForm {
    fileprivate var hasPattern: Bool {
        switch self {
        case .pattern: true
        case .either(let forms, _): forms.contains(where: \.hasPattern)
        default: false
        }
    }
}

extension Node {
    /// A text in the innermost of maps and lists with one element each: `modules[].name`.
    fileprivate init(_ text: String, at place: Location, below path: String) {
        let outside = Location(source: "around")
        self = path.split(separator: ".").reversed().reduce(Node(.scalar(Scalar(text, style: .quoted)), at: place)) {
            inner, name in
            let isList = name.hasSuffix("[]")
            let value = isList ? Node(.sequence([inner]), at: outside) : inner
            return Node(
                .mapping([
                    Pair(key: String(isList ? name.dropLast(2) : name), keyLocation: outside, value: value)
                ]), at: outside)
        }
    }
}
