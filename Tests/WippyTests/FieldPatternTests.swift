import Testing
import Wippy

@testable import WippyDefinition
@testable import WippyManual

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

    /// A field, the first of its form.
    struct Field: CustomTestStringConvertible, Sendable {
        let root: Root
        let description: FieldDescription

        var testDescription: String { "\(root.testDescription): \(description.path)" }

        func isRead(_ text: String) -> Bool { root.problems(of: text, at: description.path).isEmpty }
    }

    private static let fields: [Field] = {
        var forms: Set<FieldForm> = []
        return roots.flatMap { root in
            var reader = FieldReader()
            root.read(&reader)
            return reader.descriptions.filter {
                $0.form.hasPattern && $0.condition == nil && forms.insert($0.form).inserted
            }.map { Field(root: root, description: $0) }
        }
    }()

    @Test("What is read has the pattern, and what is refused has not, unless it is said why", arguments: fields)
    func agree(_ field: Field) throws {
        let (form, path) = (field.description.form, field.description.path)
        let schema = Value.schema(FieldSchema.value(of: form, isOptional: false))
        // Without a pattern any text will do.
        guard let written = schema["pattern"]?.string else { return }
        let pattern = try Regex(written).matchingSemantics(.unicodeScalar)
        let isLooser = Self.looser.contains { path == $0.key || form.words.contains($0.key) }
        let texts = form.examples + Self.seeds
        let wrong = try Self.nearMisses(of: texts.filter(field.isRead).prefix(4)).union(texts).filter { text in
            let hasPattern = try pattern.firstMatch(in: text) != nil
            return field.isRead(text) ? !hasPattern : hasPattern && !isLooser
        }
        #expect(wrong.sorted().prefix(5) == [], "\(written)")
    }

    /// Each text with one character more, less or other.
    private static func nearMisses(of texts: some Sequence<String>) -> Set<String> {
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
