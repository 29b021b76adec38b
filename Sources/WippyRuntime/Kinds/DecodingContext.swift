/// What the program brings along for decoding its entries, beside what they say.
public struct DecodingContext: Sendable {
    /// The Swift handlers that entries may name.
    public let handlers: HandlerTable

    /// The kinds that entries may be of.
    public let kinds: KindCatalog

    /// Creates the context.
    public init(handlers: HandlerTable = HandlerTable(), kinds: KindCatalog = KindCatalog([])) {
        self.handlers = handlers
        self.kinds = kinds
    }
}
