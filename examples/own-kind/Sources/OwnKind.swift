import WippyCommand

@main
struct OwnKind {
    static func main() async {
        await Application.main(
            handlers: [ForgetTicks.self, KeepTick.self, ListTicks.self, MakeTable.self, Tick.self],
            kinds: .standard(middleware: [Stamp.self]) + [
                CommandPart<CallFunction>(), CommandPart<CountEntries>(), CommandPart<CountTicks>(),
                ControlServicePart<FunctionCalls>(), FolderDriverKind(),
                ReadOnlyDatabaseKind(), ScriptModule.origin, ScriptModule.slug, SecretFolderKind(), TickerKind(),
            ])
    }
}
