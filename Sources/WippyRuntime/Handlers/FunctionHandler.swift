import WippyValues

/// A handler for a function: it takes a value and returns a value.
public protocol FunctionHandler: Handler {
    /// The type of the argument, decoded from the caller's value.
    associatedtype Input: Decodable & Sendable
    /// The type of the result, encoded for the caller.
    associatedtype Output: Encodable & Sendable

    /// Answers a call. Cancelling the caller's task cancels the call.
    ///
    /// If the caller's value cannot be decoded as `Input`, this method is not called.
    ///
    /// - Throws: any error. It fails this call only.
    func call(_ input: Input) async throws -> Output
}

extension FunctionHandler {
    /// The shape of handlers that are plain functions.
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
