import WippyDefinition
import WippyRuntime
import WippyText

/// `process.swift`: a process whose code is a Swift handler.
struct ProcessSwiftKind: EntryKind {
    static let name: KindName = "process.swift"
    static let summary = "A process whose code is a Swift handler. The program registers the handler by name."

    struct Config: Equatable, ProcessCommandConfig, HandlerNaming {
        let handler: HandlerUse
        let command: ProcessCommand?

        var handlerName: ExactText { handler.name }
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(
            handler: HandlerUse(from: &fields, handlers: program.handlers, purpose: .process),
            command: ProcessCommand(from: &fields))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<HandlerInstance>] { entry.config.handler.offers }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HandlerInstance> {
        .component(try entry.config.handler.instance(with: context))
    }
}
