import Testing
import WippyCommand
import WippyTesting

@testable import own_kind

@Suite("The command 'call'")
struct CallFunctionTests {
    private struct Echo: FunctionHandler {
        init(_ context: HandlerContext) {}
        func call(_ input: Value) -> Value { ["got": input] }
    }

    private static let project = TestProject.definitions(
        """
        namespace: app
        entries:
          - {name: echo, kind: function.swift, handler: Echo}
        """)

    private static func call(_ arguments: ValueMap, in application: TestApplication) async throws -> [Value] {
        let request = ControlRequest(FunctionCalls.self, action: "call", arguments: arguments)
        return try await FunctionCalls(application.registry).values(answering: request)
    }

    @Test("It calls the function of the running application, and tells which one is missing")
    func calls() async throws {
        try await TestApplication(project: Self.project, handlers: [Echo.self]) { application in
            let answers = try await Self.call(["function": "app:echo", "argument": 7], in: application)
            #expect(answers == [["got": 7]])
            await #expect {
                try await Self.call(["function": "app:ecko"], in: application)
            } throws: {
                "\($0)" == "there is no function 'app:ecko'"
            }
            await #expect {
                try await Self.call(["function": 7], in: application)
            } throws: {
                "\($0)" == "'function' must be a string, got a whole number"
            }
        }
    }
}
