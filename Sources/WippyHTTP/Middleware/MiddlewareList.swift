public import WippyDefinition
import WippyText

/// The middlewares that a router names, with their options.
public struct MiddlewareList: Sendable, Equatable {
    private let uses: [MiddlewareUse]

    /// Reads a list of names, and the map that holds the options of all of them.
    ///
    /// - Parameters:
    ///   - listPath: the field with the list: `middleware`.
    ///   - optionsPath: the field with the map: `options`.
    ///   - types: the middlewares that can be named.
    public init(
        _ listPath: String, _ optionsPath: String, among types: [any Middleware.Type], from fields: inout FieldReader
    ) {
        var isReadable = true
        let names: [ExactText] = fields.custom(
            listPath, expectation: [ExactText].expectation, default: [], written: "[]",
            "What stands before the endpoints, by name; the first is outermost."
        ) { node, _ throws(FieldProblem) in
            isReadable = false
            let names = try [ExactText](reading: node)
            isReadable = true
            return names
        }
        let known = types.map { $0.name }
        let listed = known.map(\.string).joined(separator: ", ")
        for name in names where !known.contains(name) {
            let help = Spelling.suggestion(Spelling.nearest(to: name, among: known))
            fields.reject(listPath, "names '\(name)', which is no middleware; there is \(listed)\(help)")
        }
        var read: [ExactText: MiddlewareUse] = [:]
        for type in types {
            // Without an entry the reader describes, and every option belongs into the manual.
            // Where the list cannot be read, nobody knows which are of no use.
            if fields.entry == nil || names.contains(type.name) || !isReadable {
                read[type.name] = fields.flat(optionsPath) { MiddlewareUse(type, from: &$0) }
            } else {
                fields.ignoredFlat(optionsPath, because: "'\(listPath)' does not name '\(type.name)'") {
                    MiddlewareUse(type, from: &$0)
                }
            }
        }
        uses = names.compactMap { name in
            if let use = read.removeValue(forKey: name) { return use }
            if known.contains(name) { fields.warn(listPath, "names '\(name)' again, which has no effect") }
            return nil
        }
    }

    /// Makes the middlewares, in their order.
    public func make() -> [any Middleware] { uses.map { $0.make() } }
}

/// A middleware with its options, as a router names it.
private struct MiddlewareUse: Sendable, Equatable {
    let make: @Sendable () -> any Middleware
    private let options: any EntryConfig

    init<Named: Middleware>(_ type: Named.Type, from fields: inout FieldReader) {
        let options = Named.Options(from: &fields)
        self.options = options
        make = { Named(options) }
    }

    static func == (left: Self, right: Self) -> Bool { left.options.isEqual(to: right.options) }
}

extension EntryConfig {
    fileprivate func isEqual(to other: any EntryConfig) -> Bool { other as? Self == self }
}
