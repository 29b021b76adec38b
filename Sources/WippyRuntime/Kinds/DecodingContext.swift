/// What the program brings along for decoding its entries, beside what they say.
public struct DecodingContext: Sendable {
    /// The Swift handlers that entries may name.
    public let handlers: HandlerTable

    /// Creates the context.
    public init(handlers: HandlerTable = HandlerTable()) {
        self.handlers = handlers
    }
}
