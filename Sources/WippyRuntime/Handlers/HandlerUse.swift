public import WippyDefinition
public import WippyText

/// The handler that an entry names, with the entry's `config` and `uses`.
public struct HandlerUse: Sendable, Equatable, HandlerNaming {
    /// The name in the field `handler`, even if no handler has it.
    ///
    /// For a handler that replaces an entry's code, it is the entry's full id.
    public let name: ExactText

    /// The handler's type; nil if no handler has the name, or if the handler has another purpose.
    public let type: (any Handler.Type)?

    /// The entry's `config`, decoded.
    public let config: any EntryConfig

    /// The entry's short names for other entries.
    public let uses: [ExactText: EntryID]

    /// The ``name``, for ``HandlerNaming``.
    public var handlerName: ExactText { name }

    /// The contracts that an entry with this handler offers.
    public var offers: [Offer<HandlerInstance>] { type?.shape.offers ?? [] }

    private static let handlerField = "handler"

    /// The field with the configuration of the handler.
    package static let configField = "config"

    /// The field with the entry's short names for other entries.
    package static let usesField = "uses"

    /// Reads the fields `handler`, `config` and `uses`.
    public init(from fields: inout FieldReader, handlers: HandlerTable, purpose: HandlerShape.Purpose) {
        let choices = fields.entry == nil ? handlers.names(for: purpose) : []
        let written: HandlerName = fields.required(
            Self.handlerField, form: choices.isEmpty ? nil : .choice(choices),
            "The registered name of the Swift handler.")
        name = written.text
        let known = written == .substitute ? nil : handlers[name.string]
        if let known, known.shape.purpose == purpose {
            type = known
        } else {
            type = nil
            if let known {
                fields.reject(
                    Self.handlerField,
                    "names \(known.shape.words), which is for \(known.shape.purpose.words) and not for "
                        + "\(purpose.words)")
            } else if written != .substitute {
                let nearest = handlers.nearest(to: name.string)
                let help = nearest == nil ? "; add it to the handlers of your program" : ""
                fields.reject(
                    Self.handlerField,
                    FieldProblem("names '\(name)', but no handler is registered under that name\(help)")
                        .suggesting(nearest))
            }
        }
        config = Self.config(of: type, from: &fields)
        for name in choices {
            guard let type = handlers[name] else { continue }
            fields.describe(where: Self.handlerField, is: name) { fields in
                if !type.hasConfig { fields.refused(Self.configField, because: "\(name) takes no configuration") }
                _ = fields.nested(Self.configField) { type.readConfig(from: &$0) }
            }
        }
        uses = fields.namedReferences(Self.usesField, "Short names for the entries that the handler uses.")
    }

    /// Creates the use of a handler that replaces an entry's own code.
    ///
    /// Such a handler has no config.
    public init(replacing id: EntryID, with type: any Handler.Type, uses: [ExactText: EntryID]) {
        name = ExactText(id.description)
        self.type = type
        config = NoConfig()
        self.uses = uses
    }

    private static func config(of type: (any Handler.Type)?, from fields: inout FieldReader) -> any EntryConfig {
        guard let type else {
            return fields.custom(
                Self.configField, form: .either([.map(of: .any)], words: "the handler's own fields"),
                default: NoConfig(),
                secrecy: .below,
                "The configuration of the handler."
            ) { _, _ in NoConfig() }
        }
        return fields.nested(Self.configField) { type.readConfig(from: &$0) }
    }

    /// Makes the handler's instance for an entry.
    ///
    /// It traps if ``type`` is nil. Then the entry has an error and is never built.
    ///
    /// - Parameters:
    ///   - executor: the executor on which the handler's code runs; nil for the executor of the caller. Default: nil.
    ///   - context: the context in which the entry is built.
    /// - Throws: the error of the handler's `init`.
    public func instance(on executor: (any TaskExecutor)? = nil, with context: BuildContext) throws -> HandlerInstance {
        guard let type else { preconditionFailure("an entry whose handler has an error is not built") }
        return try type.shape.make(
            HandlerContext(build: context, uses: uses, config: config),
            Placement(of: context.id, among: context.environment.executors, on: executor))
    }

    /// Returns true if both name the same handler, with equal `config` and `uses`.
    public static func == (left: HandlerUse, right: HandlerUse) -> Bool {
        left.name == right.name && left.type == right.type && left.uses == right.uses
            && left.config.equals(right.config)
    }
}

extension Handler {
    fileprivate static func readConfig(from fields: inout FieldReader) -> any EntryConfig { Config(from: &fields) }
}

/// The name of a handler.
///
/// It cannot be blank.
private struct HandlerName: CheckedText {
    let text: ExactText

    static var form: FieldForm { .pattern("\\S", words: FieldForm.text.words) }

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        if text.allSatisfy(\.isWhitespace) { throw FieldProblem("cannot be blank") }
    }
}
