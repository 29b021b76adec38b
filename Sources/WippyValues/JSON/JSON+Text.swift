extension JSON {
    /// A value as JSON text.
    ///
    /// A value that nests deeper than ``nestingMax`` levels is `null`: nothing that was decoded does.
    public static func text(of value: Value) -> String {
        let bytes = (try? encode(value)) ?? Array("null".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }
}
