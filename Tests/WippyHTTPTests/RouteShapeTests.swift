import Testing
import Wippy
import WippyText
import WippyValues

@testable import WippyHTTP

/// The pattern of the schema beside the reader of the field.
@Suite("The shapes of paths")
struct RouteShapeTests {
    private static let pieces = [
        "/", "a", ".", "..", ":", ":id", "{id}", "{$}", "{rest...}", "{", "}", "%2e", "%2E", "%2F", "%41",
        "%", "%G0", "?", "#", "é", "_", "9", "$", "...",
    ]

    /// All texts of at most three pieces after a slash.
    private static let texts: [String] = {
        let one = [""] + pieces
        return one.flatMap { first in one.flatMap { second in one.map { "/\(first)\(second)\($0)" } } }
    }()

    @Test("The schema has the shape of exactly those texts that the reader accepts")
    func sameTexts() throws {
        var accepted = 0
        for text in Self.texts + ["", "a", "a/"] {
            let node = Node(.scalar(Scalar(text, style: .quoted)), at: Location(source: "test"))
            let problem = Self.problem(of: RoutePattern.self, with: node)
            // No regular expression finds a repeated name.
            let isShaped = problem == nil || problem?.hasSuffix("' twice") == true
            #expect(RoutePattern.textShape.matches(text) == isShaped, "\(text): \(problem ?? "accepted")")
            let problemOfPrefix = Self.problem(of: RoutePrefix.self, with: node)
            let isShapedPrefix = problemOfPrefix == nil || problemOfPrefix?.hasSuffix("' twice") == true
            #expect(RoutePrefix.textShape.matches(text) == isShapedPrefix, "\(text): \(problemOfPrefix ?? "accepted")")
            accepted += problem == nil ? 1 : 0
        }
        #expect(accepted > 500)
    }

    @Test("An editor refuses what the reader refuses: empty segments, '.' and '..', a stray '%', and a misplaced rest")
    func schema() throws {
        let pattern = try Regex(RoutePattern.textShape.pattern)
        for text in [
            "/", "/a", "/a/", "/users/{id}", "/users/:id", "/{$}", "/files/{rest...}", "/.well-known", "/a...b",
        ] {
            #expect(text.wholeMatch(of: pattern) != nil, "\(text)")
        }
        for text in [
            "", "a", "/a//b", "//", "/a/./b", "/..", "/%2E%2e/a", "/100%", "/{rest...}/a", "/{$}/a", "/a{b}", "/:",
        ] {
            #expect(text.wholeMatch(of: pattern) == nil, "\(text)")
        }
    }

    private static func problem<Value: FieldValue>(of type: Value.Type, with node: Node) -> String? {
        do throws(FieldProblem) {
            _ = try Value(reading: node)
            return nil
        } catch {
            return error.message
        }
    }
}
