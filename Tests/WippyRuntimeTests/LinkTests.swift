import Testing
import WippyRuntime

@Suite("Links", .timeLimit(.minutes(15)))
struct LinkTests {
    /// A component that reads its link when it is released.
    private final class Reader: Sendable {
        private let link: Link<any Sendable>
        private let found: Link<Int>

        init(_ link: Link<any Sendable>, noting found: Link<Int>) {
            (self.link, self.found) = (link, found)
        }

        deinit { found.replace(with: link.target as? Int ?? 0) }
    }

    @Test("A component that is released can read the link that has led to it")
    func released() {
        let link = Link<any Sendable>(0)
        let found = Link(0)
        link.replace(with: Reader(link, noting: found))
        link.replace(with: 7)
        #expect(found.target == 7)
    }

    @Test("A mirror shows the current component")
    func mirror() {
        let link = Link(1)
        link.replace(with: 2)
        #expect(Mirror(reflecting: link).children.map { $0.value as? Int } == [2])
    }
}
