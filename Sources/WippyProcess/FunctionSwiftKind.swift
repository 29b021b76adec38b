import WippyDefinition
import WippyRuntime
import WippyText

/// `function.swift`: a function whose code is a Swift handler.
struct FunctionSwiftKind: EntryKind {
    static let name: KindName = "function.swift"
    static let summary = "A function whose code is a Swift handler. The program registers the handler by name."
    static let whenBuiltAnew: String? = "The function is built anew, and the next call uses it."

    struct Config: Sendable, Equatable, HandlerNaming {
        let handler: HandlerUse
        let executor: FunctionExecutor

        var handlerName: ExactText { handler.name }
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        fields.ignored(
            "meta.options",
            because: "only functions in Lua have options here; a script that calls this one can use 'with_options'")
        return Config(
            handler: HandlerUse(from: &fields, handlers: program.handlers, purpose: .function),
            executor: fields.optional(
                "executor", default: .loop,
                "loop: the code runs where its caller runs, usually on an event loop. pool: the code runs on the "
                    + "shared pool, where it may block or compute for long."
            ))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HandlerInstance>] { entry.config.handler.offers }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HandlerInstance> {
        let executor = entry.config.executor == .pool ? context.environment.executors.shared : nil
        return .component(try entry.config.handler.instance(on: executor, with: context))
    }
}

/// The executor on which a function's code runs.
enum FunctionExecutor: String, FieldChoice {
    case loop
    case pool
}
