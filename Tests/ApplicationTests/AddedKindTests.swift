import Testing
import Wippy
import WippyTesting

/// What only a test in the process can show of kinds from outside; `examples/own-kind` has the rest.
@Suite("Kinds from outside", .timeLimit(.minutes(15)))
struct AddedKindTests {
    private struct Answer: Function {
        func call(_ argument: Value) -> Value { argument }
    }

    private struct AnswerKind: EntryKind {
        static let name: KindName = "own.answer"
        static let summary = "Answers what it is called with."
        static let role: ServiceRole? = .resource
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func offers(_ entry: Entry<NoConfig>) -> [Offer<Answer>] { [Offer(.function) { $0 }] }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Answer> { .component(Answer()) }
    }

    /// Uses `app:b`, as its code says and no field does.
    private struct CallerKind: EntryKind {
        static let name: KindName = "own.caller"
        static let summary = "Calls a function."
        static let role: ServiceRole? = .process
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<Never> {
            _ = try context.resolve(EntryID(namespace: "app", name: "b"), as: .function)
            return .nothing
        }
    }

    private struct Work: HostedProcess {
        func run(_ context: ProcessContext) -> Value { .null }
    }

    private struct WorkKind: EntryKind {
        static let name: KindName = "own.work"
        static let summary = "A process that can be a command."

        struct Config: EntryConfig, ProcessCommandConfig {
            let command: ProcessCommand?
            init(from fields: inout FieldReader) { command = ProcessCommand(from: &fields) }
        }

        func offers(_ entry: Entry<Config>) -> [Offer<Work>] { [Offer(.process) { $0 }] }
        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Work> { .component(Work()) }
    }

    private struct OtherMail: SettingsSection {
        static let section = "mail"
        init(from fields: inout FieldReader) {}
    }

    private struct Profiles: SettingsSection {
        static let section = "profiles"
        init(from fields: inout FieldReader) {}
    }

    private struct SenderKind: EntryKind {
        static let name: KindName = "own.sender"
        static let summary = "Says who sends mails."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func offers(_ entry: Entry<NoConfig>) -> [Offer<Sender>] { [Offer(.function) { $0 }] }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Sender> {
            .component(Sender(name: context.environment.settings[MailSettings.self].sender))
        }
    }

    private struct Sender: Function {
        let name: String
        func call(_ argument: Value) -> Value { .string(name) }
    }

    @Test("A kind obeys a section of the settings file that its program brings along")
    func sections() async throws {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nentries:\n  - {name: a, kind: own.sender}\n", to: "src/_index.yaml")
        let kinds: [any ProgramPart] = [SenderKind(), SettingsPart<MailSettings>()]
        for (file, sender) in [("version: 1.0", "nobody@localhost"), ("version: 1.0\nmail: {sender: a@b}", "a@b")] {
            try folder.write(file, to: ".wippy.yaml")
            try await TestApplication(project: .folder(folder.path), handlers: [], kinds: kinds) { app in
                let answer = try await app.function("app:a").call(.null)
                #expect(answer == .string(sender))
            }
        }
        try folder.write("version: 1.0\nmail: {sendr: a@b, sender: [1]}\nmal: {}", to: ".wippy.yaml")
        let report = Application(project: folder.path, handlers: [], kinds: kinds).check().report
        #expect(
            report.diagnostics.map(\.description) == [
                ".wippy.yaml:2:8: warning: 'mail.sendr' has no effect here; did you mean 'mail.sender'?",
                ".wippy.yaml:2:28: error: 'mail.sender' must be a string, got a list",
                ".wippy.yaml:3:1: warning: 'mal' has no effect here; did you mean 'mail'?",
            ])
    }

    @Test("A section has a name that no other section has, and counts once if it is listed twice")
    func namesOfSections() {
        func mistakes(_ parts: [any ProgramPart]) -> [String] {
            Program(kinds: KindCatalog(parts)).mistakes.map(\.description)
        }
        #expect(mistakes([SettingsPart<MailSettings>(), SettingsPart<MailSettings>()]) == [])
        let (mail, other) = (String(reflecting: MailSettings.self), String(reflecting: OtherMail.self))
        #expect(
            mistakes([SettingsPart<MailSettings>(), SettingsPart<OtherMail>(), SettingsPart<Profiles>()]) == [
                """
                settings: error: the section 'profiles' (\(String(reflecting: Profiles.self))) has the name of a section \
                that every program has; give it another name
                """,
                """
                settings: error: the section 'mail' is listed twice, as \(mail) and \(other); give each a name \
                of its own
                """,
            ])
    }

    private struct Idle: ManagedService {
        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async {
            ready()
            await stop.wait()
        }
    }

    /// Has no role, and a service all the same.
    private struct StrayKind: EntryKind {
        static let name: KindName = "own.stray"
        static let summary = "Runs although it has no role."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(Idle()) }
    }

    /// Runs as its role says.
    private struct IdleKind: EntryKind {
        static let name: KindName = "own.idle"
        static let summary = "Runs."
        static let role: ServiceRole? = .resource
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(Idle()) }
    }

    @Test("The commands of an own kind are read, and compared with those of other kinds")
    func commands() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: a, kind: own.work, meta: {command: {name: work, shrot: Works.}}}
              - {name: b, kind: own.work, meta: {command: {name: work}}}
              - {name: c, kind: process.lua, meta: {command: {name: work}}, source: "return function() end"}
            """, to: "src/_index.yaml")
        let project = CheckedProject(
            at: folder.path, in: Program(kinds: KindCatalog(.standard + [WorkKind()])))
        #expect(
            project.report.diagnostics.map(\.description) == [
                "src/_index.yaml:3:60: error: app:a: unknown field 'meta.command.shrot'; did you mean "
                    + "'meta.command.short'?",
                "src/_index.yaml:5:57: error: app:c: 'meta.command.name' is 'work', as in app:b "
                    + "(src/_index.yaml:4:54); give one of them another name",
            ])
    }

    @Test(
        "A service without a role, and a requirement of what runs nothing, are errors of the build with their places",
        arguments: [
            (
                "- {name: a, kind: own.stray}",
                "src/_index.yaml:3:21: app:a: the kind 'own.stray' has built a service, but declares no role for it"
            ),
            (
                "- {name: a, kind: own.idle, lifecycle: {requires: [b]}}\n  - {name: b, kind: own.answer}",
                "src/_index.yaml:3:54: app:a: 'lifecycle.requires[0]' names 'app:b', which has no service"
            ),
        ])
    func services(entries: String, error: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nentries:\n  \(entries)\n", to: "src/_index.yaml")
        let kinds = KindCatalog([StrayKind(), IdleKind(), AnswerKind()])
        let project = CheckedProject(at: folder.path, in: Program(kinds: kinds))
        #expect(project.report.isValid)
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: TestClock(), log: .silent, metrics: Metrics())
        let found = #expect(throws: BuildErrors.self) { try Registry().begin(project.plan, in: environment) }
        #expect(found?.description == error)
    }

    @Test("A cycle that only code closes is an error of the build, with its fields and places")
    func cycleInCode() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: a, kind: own.caller}
              - {name: b, kind: own.answer, lifecycle: {requires: [a]}}
            """, to: "src/_index.yaml")
        let kinds = KindCatalog([CallerKind(), AnswerKind()])
        let plan = CheckedProject(at: folder.path, in: Program(kinds: kinds)).plan
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: TestClock(), log: .silent, metrics: Metrics())
        let error = #expect(throws: BuildErrors.self) { try Registry().begin(plan, in: environment) }
        #expect(
            error?.description == """
                src/_index.yaml:3:12: app:a: depends on itself: app:a -> app:b (its code, src/_index.yaml:3:12), \
                app:b -> app:a ('lifecycle.requires[0]', src/_index.yaml:4:56); remove one of these references
                """)
    }
}

struct MailSettings: SettingsSection {
    static let section = "mail"

    let sender: String

    init(from fields: inout FieldReader) {
        sender = fields.optional("sender", default: "nobody@localhost", "The sender of each mail.")
    }
}
