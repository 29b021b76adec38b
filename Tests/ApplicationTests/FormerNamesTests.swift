import Testing
import Wippy
import WippyCommand

/// Names that have changed, for packages that still use the old ones.
@Suite("Former names")
struct FormerNamesTests {
    private struct Mark: Middleware {
        static let name: ExactText = "mark"
        init(_ options: NoConfig) {}
    }

    private struct Count: Command {
        static let name = "count"
        static let summary = "Count."
        init(from options: inout OptionReader) {}
        func run() -> Int32 { 0 }
    }

    /// The parts of a program.
    ///
    /// The calls go through this protocol, since the use of a deprecated name is an error here.
    private protocol PartList {
        static var parts: [any ProgramPart] { get }
    }

    private enum Parts: PartList {
        @available(*, deprecated)
        private struct Word: KindAddition {
            var added: any Sendable { "word" }
        }

        @available(*, deprecated)
        static var parts: [any ProgramPart] { [MiddlewareKind<Mark>(), CommandKind<Count>(), Word()] }
    }

    @Test("Parts of a program can have their former names")
    func parts() {
        let list: any PartList.Type = Parts.self
        #expect(
            Program(kinds: KindCatalog(list.parts)).additions.map { "\($0)" } == ["Mark", "Count", "word"])
    }
}
