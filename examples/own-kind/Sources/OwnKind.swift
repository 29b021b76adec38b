import WippyCommand

@main
struct OwnKind {
    static func main() async {
        await Application.main(
            handlers: [ForgetTicks.self, KeepTick.self, ListTicks.self, MakeTable.self, Tick.self],
            kinds: .standard(middleware: [Stamp.self]) + [
                FolderDriverKind(), ReadOnlyDatabaseKind(), SecretFolderKind(), TickerKind(),
            ],
            commands: [CountEntries.self])
    }
}
