public import WippyDefinition
public import WippyValues

/// An entry that can be called with a value and returns a value.
public protocol Function: Sendable {
    /// Calls the function. Cancelling the caller's task cancels the call.
    ///
    /// - Throws: any error. When the function cannot take the argument, it may be a ``WippyError`` of kind `Invalid`
    ///   with an ``ArgumentMisfit`` as its cause.
    func call(_ argument: Value) async throws -> Value
}

extension Contract where Offered == any Function {
    /// The contract of an entry that can be called with a value.
    public static var function: Self { Contract("a function", meaning: .calls) }
}
