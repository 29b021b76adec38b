import WippyValues

/// A handler that is called with a value and answers with one.
public protocol FunctionHandler: Handler {
    /// The type of the argument.
    associatedtype Input: Decodable & Sendable
    /// The type of the answer.
    associatedtype Output: Encodable & Sendable

    /// Answers a call. Cancelling the caller cancels the task that this runs in.
    ///
    /// An argument that is no `Input` does not come here: the call throws ``WippyError`` of kind `Invalid`.
    func call(_ input: Input) async throws -> Output
}

extension FunctionHandler {
    /// A plain function.
    public static var shape: HandlerShape {
        HandlerShape("a plain function", of: Self.self, offers: .function) {
            TypedFunction(handler: $0, placement: $1)
        }
    }
}

/// Decodes the argument and encodes the answer of a plain function.
private struct TypedFunction<Typed: FunctionHandler>: Function {
    let handler: Typed
    let placement: Placement

    func call(_ argument: Value) async throws -> Value {
        try await placement.run {
            let input = try ValueDecoder.argument(Typed.Input.self, from: argument)
            let output = try await handler.call(input)
            return try ValueEncoder.value(of: output, as: "function's answer", otherwise: .internal)
        }
    }
}
