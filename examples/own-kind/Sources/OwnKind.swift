import WippyCommand

@main
struct OwnKind {
    static func main() async {
        await Application.main(
            handlers: [ForgetTicks.self, KeepTick.self, ListTicks.self, MakeTable.self, Tick.self],
            kinds: .standard(middleware: [Stamp.self]) + [
                FolderDriverKind(), ReadOnlyDatabaseKind(), ScriptModule.origin, ScriptModule.slug,
                SecretFolderKind(), TickerKind(), OfferWrapper(.queue) { LoggedQueue(wrapped: $0, log: $1.log) },
            ],
            commands: .standard + [CallFunction.self, CountEntries.self, CountTicks.self])
    }
}
