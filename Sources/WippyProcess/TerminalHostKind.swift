import WippyDefinition
import WippyRuntime

/// `terminal.host`: runs processes that read and write the program's standard streams.
struct TerminalHostKind: EntryKind {
    static let name: KindName = "terminal.host"
    static let summary =
        "Runs processes that read standard input and write standard output, such as a project's commands."
    static let role: ServiceRole? = .resource

    struct Config: EntryConfig {
        init(from fields: inout FieldReader) {
            fields.ignored("hide_logs", because: "the log goes to standard error")
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<TaskProcessHost>] {
        [Offer(.processHost) { $0 }, Offer(.terminalHost) { $0 }]
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<TaskProcessHost> {
        let host = TaskProcessHost(environment: context.environment, terminal: SystemTerminal(arguments: []))
        return .component(host, service: host)
    }
}
