public import WippyDefinition
import WippyRuntime
import WippyText

/// The middleware that a router names, with their options.
public struct MiddlewareList: Sendable, Equatable {
    private let uses: [MiddlewareUse]

    /// Reads a list of names, and the map with the options of all named middleware.
    ///
    /// - Parameters:
    ///   - listPath: the path of the field with the list, such as `middleware`.
    ///   - optionsPath: the path of the field with the map, such as `options`.
    ///   - types: the middleware that the list can name.
    ///   - fields: reads the router's fields.
    ///   - help: the description of the list in the manual.
    public init(
        at listPath: String, optionsAt optionsPath: String, among types: [any Middleware.Type],
        from fields: inout FieldReader, _ help: String
    ) {
        var isReadable = true
        let listed: [ListedName] = fields.custom(
            listPath, form: Self.form(among: types), default: [], written: "[]", help
        ) { node, _ throws(FieldProblem) in
            isReadable = false
            let listed = try [ListedName](reading: node)
            isReadable = true
            return listed
        }
        let names = listed.map(\.name)
        let known = types.map { $0.name }
        for (index, element) in listed.enumerated() where !known.contains(element.name) {
            let nearest = Spelling.nearest(to: element.name, among: known)
            let help = nearest == nil ? "; this program has \(known.map(\.string).joined(separator: ", "))" : ""
            fields.reject(
                "\(listPath)[\(index)]",
                FieldProblem("names '\(element.name)', which is not a middleware\(help)", at: element.location)
                    .suggesting(nearest))
        }
        var read: [ExactText: ConfiguredMiddleware] = [:]
        for type in types {
            // Without an entry the reader describes the fields, and every option belongs in the manual. If the list
            // cannot be read, no option is known to be useless.
            if fields.entry == nil || names.contains(type.name) || !isReadable {
                read[type.name] = fields.flat(optionsPath) { ConfiguredMiddleware(type, from: &$0) }
            } else {
                fields.ignoredFlat(optionsPath, because: "'\(listPath)' does not name '\(type.name)'") {
                    ConfiguredMiddleware(type, from: &$0)
                }
            }
        }
        uses = listed.enumerated().compactMap { index, element in
            if let named = read.removeValue(forKey: element.name) {
                return MiddlewareUse(list: listPath, location: element.location, named: named)
            }
            if known.contains(element.name) {
                fields.warn(
                    "\(listPath)[\(index)]", "names '\(element.name)' again, which has no effect", at: element.location)
            }
            return nil
        }
    }

    /// The form of a list that can name each of some middleware.
    static func form(among types: [any Middleware.Type]) -> FieldForm {
        .list(of: .choice(types.map { $0.name.string }))
    }

    /// Makes the middleware, in the order of the list.
    ///
    /// - Parameters:
    ///   - old: the middleware of the router that is replaced; nil if the router is new. An instance goes on if its
    ///     options are the same.
    ///   - context: the context in which the router is built.
    /// - Throws: the error of an `init`, at the place of the middleware's name.
    func make(goingOnFrom old: MiddlewareChain?, with context: BuildContext) throws -> [MadeMiddleware] {
        try uses.map { use in try old?.middleware(for: use) ?? MadeMiddleware(use, with: context) }
    }
}

/// A name in the list, with its place.
private struct ListedName: FieldValue {
    let name: ExactText
    let location: Location

    static var form: FieldForm { .text }
    static var substitute: ListedName { ListedName(name: "", location: Location(source: "")) }
    var written: String { name.written }

    private init(name: ExactText, location: Location) {
        (self.name, self.location) = (name, location)
    }

    init(reading node: Node) throws(FieldProblem) {
        self.init(name: try ExactText(reading: node), location: node.location)
    }
}
