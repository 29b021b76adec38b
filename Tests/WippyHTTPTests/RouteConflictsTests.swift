import Testing

@testable import WippyHTTP

@Suite("Routes that collide")
struct RouteConflictsTests {
    @Test("What finding them costs grows with the number of routes, whatever they look like")
    func cost() throws {
        let forms: [(Int) -> String] = [
            { "/a\($0)" }, { "/{id}/b\($0)" }, { "/c\($0)/{id}" }, { "/{id}/x/d\($0)" }, { "/e\($0)/{rest...}" },
            { "/{a}/{b}/f\($0)" }, { "/g/{a}/h\($0)/" }, { "/{a}/i\($0)/{$}" }, { "/j/k/l/m\($0)" },
        ]
        func steps(_ count: Int) throws -> Int {
            RouteConflicts(of: try (0..<count).map { try RoutePattern(forms[$0 % forms.count]($0)) }).steps
        }
        let (once, twice) = (try steps(2_000), try steps(4_000))
        #expect(twice <= 2 * once + 200)
        #expect(once < 2_000 * 100)
    }

    @Test("It does so when hardly two of them have their parameters at the same places")
    func costOfShapes() throws {
        func steps(_ count: Int) throws -> Int {
            let patterns = try (0..<count).map { index in
                let segments = (0..<15).map { index >> $0 & 1 == 0 ? "/l" : "/{x\($0)}" }
                return try RoutePattern("\(segments.joined())/z\(index)")
            }
            return RouteConflicts(of: patterns).steps
        }
        let (once, twice) = (try steps(1_000), try steps(2_000))
        #expect(twice <= 2 * once + 200)
        #expect(once < 1_000 * 100)
    }

    @Test("Many places that tell a few patterns from the others do not multiply it")
    func costOfPlaces() throws {
        var generator = SystemRandomNumberGenerator()
        let patterns = try (0..<300).map { _ in
            let segments = (0..<100).map { position in
                switch Int.random(in: 0..<100, using: &generator) {
                case 0: "/b"
                case 1...20: "/{x\(position)}"
                default: "/a"
                }
            }
            return try RoutePattern(segments.joined())
        }
        #expect(RouteConflicts(of: patterns).steps < 18 * 300 * 100)
    }

    @Test("They are those that a comparison of all pairs finds")
    func comparison() throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["a", "b", "{x}", "{y}"]
        for _ in 0..<300 {
            let patterns = (0..<12).compactMap { _ -> RoutePattern? in
                let segments = (0..<Int.random(in: 0...3, using: &generator)).map { _ in pieces.randomElement() ?? "" }
                let end = ["", "/", "/{$}", "/{rest...}"].randomElement() ?? ""
                let text = segments.map { "/\($0)" }.joined() + end
                return try? RoutePattern(text.isEmpty ? "/" : text)
            }
            var expected: [Int: (other: Int, isEqual: Bool)] = [:]
            for (place, pattern) in patterns.enumerated() {
                for (other, earlier) in patterns[..<place].enumerated() where expected[place] == nil {
                    if let isEqual = Self.collide(pattern, earlier) { expected[place] = (other, isEqual) }
                }
            }
            let found = RouteConflicts(of: patterns).conflicts
            #expect(found.map(\.place) == expected.keys.sorted())
            for conflict in found {
                #expect(expected[conflict.place]?.other == conflict.other)
                #expect(expected[conflict.place]?.isEqual == conflict.isEqual)
            }
        }
    }

    /// Whether two patterns collide, and are equal: segment by segment.
    private static func collide(_ one: RoutePattern, _ other: RoutePattern) -> Bool? {
        for case (.literal(let left), .literal(let right)) in zip(one.segments, other.segments) where left != right {
            return nil
        }
        switch one.shape.relation(to: other.shape) {
        case .equal: return true
        case .ambiguous: return false
        case .disjoint, .moreSpecific, .lessSpecific: return nil
        }
    }
}
