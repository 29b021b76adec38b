import WippyCommand

/// An application of scripts and Swift handlers, which call each other.
@main
struct LuaAndSwift {
    static func main() async {
        await Application.main(handlers: [Check.self], named: ["app:statistics": Statistics.self])
    }
}

/// Answers whether an order is accepted at once.
///
/// A script decides this.
struct Check: HTTPHandler {
    private let rate: LinkedFunction

    init(_ context: HandlerContext) throws {
        rate = try context.function("rate")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let amount = request.parameter("amount").flatMap(Int.init) else {
            throw HTTPError(.badRequest, "the amount must be a whole number")
        }
        return try .json(["taken": try await rate.call(["amount": .integer(amount)])])
    }
}

/// Replaces the script of the same entry where the script is too slow.
struct Statistics: FunctionHandler {
    struct Input: Decodable, Sendable {
        let numbers: [Double]
    }

    struct Output: Encodable, Sendable {
        let count: Int
        let mean: Double
        let by: String
    }

    init(_ context: HandlerContext) {}

    func call(_ input: Input) throws -> Output {
        guard !input.numbers.isEmpty else { throw WippyError(.invalid, "the list is empty", isRetryable: false) }
        let mean = input.numbers.reduce(0, +) / Double(input.numbers.count)
        return Output(count: input.numbers.count, mean: mean, by: "Swift")
    }
}
