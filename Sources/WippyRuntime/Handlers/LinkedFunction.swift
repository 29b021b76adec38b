public import WippyValues

/// A handler's access to the function of another entry, through a link.
public struct LinkedFunction: Sendable {
    private let link: Link<any Function>

    /// Creates the value from a link to a function.
    public init(link: Link<any Function>) {
        self.link = link
    }

    /// Calls the function with a value, and returns its result.
    ///
    /// Cancelling the caller's task cancels the call.
    ///
    /// - Throws: the same errors as ``Function/call(_:)``.
    public func call(_ argument: Value) async throws -> Value {
        try await link.target.call(argument)
    }

    /// Calls the function with an encodable argument, and decodes its result.
    ///
    /// - Throws: the function's error; ``WippyError`` when the argument cannot be encoded or taken, or when the result
    ///   cannot be decoded as `Output`.
    public func call<Output: Decodable>(
        encoding argument: some Encodable & Sendable, returning: Output.Type = Output.self
    ) async throws -> Output {
        let argument = try ValueEncoder.value(of: argument, as: "argument")
        let answer: Value
        do {
            answer = try await call(argument)
        } catch let error as WippyError where error.cause is ArgumentMisfit {
            // The program made this argument, and not a client. So no client may see the misfit.
            throw WippyError(.invalid, "a function cannot decode its argument: \(error)", isRetryable: false)
        }
        do throws(WippyError) {
            return try ValueDecoder.argument(Output.self, from: answer)
        } catch {
            guard error.cause is ArgumentMisfit else { throw error }
            throw WippyError(
                .internal, "the caller of a function cannot decode the function's result: \(error)",
                isRetryable: false)
        }
    }
}
