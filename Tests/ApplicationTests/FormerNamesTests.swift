import Testing
import Wippy
import WippyCommand

@testable import WippyCommandLine

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

    /// What former names stand for.
    ///
    /// The calls go through this protocol, since the use of a deprecated name is an error here.
    private protocol PartList {
        static var parts: [any ProgramPart] { get }
        static var standardParts: [any ProgramPart] { get }
        static var tool: CommandLineTool { get }
        static var functionType: any Sendable.Type { get }
    }

    private enum Parts: PartList {
        @available(*, deprecated)
        private struct Word: KindAddition {
            var added: any Sendable { "word" }
        }

        @available(*, deprecated)
        static var parts: [any ProgramPart] { [MiddlewareKind<Mark>(), CommandKind<Count>(), Word()] }

        @available(*, deprecated)
        static var standardParts: [any ProgramPart] { .standard(middleware: [Mark.self]) }

        @available(*, deprecated)
        static var functionType: any Sendable.Type { RemoteFunction.self }

        @available(*, deprecated)
        static var tool: CommandLineTool { CommandLineTool(program: "test", commands: [Count.self]) }
    }

    @Test("A function of another entry can have its former name")
    func function() {
        let list: any PartList.Type = Parts.self
        #expect(list.functionType is LinkedFunction.Type)
    }

    @Test("Parts of a program can have their former names")
    func parts() {
        let list: any PartList.Type = Parts.self
        let program = Program(kinds: KindCatalog(list.parts))
        #expect(program.additions(as: (any Middleware.Type).self).map { "\($0)" } == ["Mark"])
        #expect(program.additions(as: (any Sendable).self).map { "\($0)" } == ["word"])
        #expect(CommandLineTool(program: "test", kinds: list.parts).descriptions.map(\.name).contains("count"))
    }

    @Test("Middleware and commands can be added in their former ways")
    func lists() {
        let list: any PartList.Type = Parts.self
        let program = Program(kinds: KindCatalog(list.standardParts))
        #expect(program.additions(as: (any Middleware.Type).self).map { "\($0)" }.contains("Mark"))
        #expect(list.tool.descriptions.map(\.name).contains("count"))
    }
}
