import WippyCommand

@main
struct OwnKind {
    static func main() async {
        await Application.main(
            handlers: [ForgetTicks.self, KeepTick.self, ListTicks.self, MakeTable.self, Tick.self],
            kinds: .standard + [
                CommandPart<CallFunction>(), CommandPart<CountEntries>(), CommandPart<CountTicks>(),
                ControlServicePart<FunctionCalls>(), FolderDriverKind(), MiddlewarePart<Stamp>(),
                ReadOnlyDatabaseKind(), ScriptModule.origin, ScriptModule.slug, SecretFolderKind(), TickerKind(),
            ])
    }
}
