import WippyCommand

/// `call`: calls a function of the running application, and prints its result.
struct CallFunction: Command {
    static let name = "call"
    static let summary = "Call a function of the running application, and print its result."
    static let services: [any ControlService.Type] = [FunctionCalls.self]

    private let function: String
    private let argument: Value
    private let running: RunningApplication

    init(from options: inout OptionReader) throws {
        function = options.operand("function", isRequired: true, "The id of the function, such as app:tick.") ?? ""
        let text = options.operand("argument", "The argument, as JSON. Default: null.")
        running = options.runningApplication()
        argument = try text.map { try JSON.decode($0) } ?? .null
    }

    func run() throws -> Int32 {
        let request = ControlRequest(
            FunctionCalls.self, action: "call", arguments: ["function": .string(function), "argument": argument])
        try running.ask(request) { result in try Console.out(JSON.text(of: result)) }
        return 0
    }
}

/// The part of the running application that answers the command `call`.
struct FunctionCalls: ControlService {
    static let name = "functions"

    private let registry: Registry

    init(_ registry: Registry) {
        self.registry = registry
    }

    private struct Call: Decodable {
        let function: String
        let argument: Value?
    }

    func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws {
        let call = try ValueDecoder.argument(Call.self, from: .map(request.arguments))
        guard let id = EntryID(call.function, relativeTo: "app"), let function = registry.link(to: id, as: .function)
        else { throw ControlError("there is no function '\(call.function)'") }
        try await answer.send(function.target.call(call.argument ?? .null))
    }
}
