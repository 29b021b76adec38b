import WippyDefinition
import WippyRuntime

/// `process.swift`: a process whose code is a Swift handler.
struct ProcessSwiftKind: EntryKind {
    static let name: KindName = "process.swift"
    static let summary = "A process whose code is a Swift handler. The program registers the handler by name."

    func config(from fields: inout FieldReader, in program: Program) -> HandlerUse {
        HandlerUse(from: &fields, handlers: program.handlers, purpose: .process)
    }

    func offers(_ entry: Entry<HandlerUse>) -> [Offer<HandlerInstance>] { entry.config.offers }

    func build(_ entry: Entry<HandlerUse>, with context: BuildContext) throws -> Built<HandlerInstance> {
        .component(try entry.config.instance(with: context))
    }
}
