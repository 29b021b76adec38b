import Glibc
import HTTPServing
import WippyApplication
import WippyCommandLine
import WippyDefinition
import WippyHTTP
import WippyRuntime
import WippySQL
import WippySQLQueue
import WippySystem
import WippyText
import WippyValues

/// `verify`: tests that a crash of the project's application loses no accepted message.
struct VerifyCommand: Command {
    static let name = "verify"
    static let summary = "Kill the application of this folder again and again, and check that no message is lost."
    static let discussion = """
        'verify crash' runs the application on a copy of its data. It posts requests to it, kills it with SIGKILL at
        random moments and at points of a message's life, and starts it again. At the end it counts the requests that
        were accepted, processed once, processed again, dead-lettered or lost. Your own databases and queues are only
        read: it refuses a project with a database or a durable queue that it cannot copy. Without '--post' it posts
        the 'meta.example' of every POST endpoint that has one and no parameter in its path. The messages that handlers
        publish carry the X-Request-Id of their request. It can follow the messages only in queues whose driver is a
        queue.driver.sql. The exit status is 1 if an accepted request is lost, if a file is damaged, or if no request
        was accepted.
        """
    static let services: [any ControlService.Type] = [CrashControl.self]
    /// The test is made once, because its parts count together.
    static let parts = CrashedApplication.testOfThisProcess()?.parts ?? []

    private let posts: [String]
    private let kills: Int
    private let seconds: Int?
    private let seed: UInt64
    private let application: Application

    init(from options: inout OptionReader) {
        _ = options.operand("what", among: ["crash"], isRequired: true, "The check to make.")
        posts = options.values(
            "post", valueName: "path=body",
            "Post this JSON to this path of the first server. You can repeat the option.")
        kills = options.number(
            "kills", valueName: "count", default: 20, in: 1...1_000_000, "How often to kill the application.")
        seconds = options.number(
            "seconds", valueName: "count", in: 1...1_000_000, "Stop killing the application after this many seconds.")
        let seed = options.number(
            "seed", valueName: "number", in: 0...Int.max,
            "Repeat the random choices of an earlier run. Default: a new seed for each run.")
        self.seed = UInt64(seed ?? Int.random(in: 1..<1_000_000))
        application = options.application()
    }

    func run() async throws -> Int32 {
        let own = application.check()
        try own.throwIfInvalid()
        let queues = SQLQueueKinds.queues(in: own.plan)
        guard !queues.isEmpty else {
            throw UsageError(
                "there is no queue to check: this command can follow messages only in queues whose driver is a "
                    + "queue.driver.sql, and the project has none")
        }
        try await UncopiedData.refuse(in: own)
        let endpoints = try endpoints(of: own.plan)
        let folder = try CrashFolder()
        let verification: CrashVerification
        do {
            verification = try await self.verification(of: own, queues, endpoints, in: folder)
        } catch {
            folder.remove()
            throw error
        }
        let outcome: CrashVerification.Outcome
        do {
            outcome = try await verification.run { Console.error($0) }
        } catch {
            folder.tell()
            throw error
        }
        try Console.out(CrashReport(outcome, seed: seed).text)
        let isSound = outcome.books.lost.isEmpty && outcome.integrity.allSatisfy { $0.answer == "ok" }
        if isSound { folder.remove() } else { folder.tell() }
        guard outcome.books.accepted > 0 else {
            let reason = outcome.refusal.map { ": the last answer had the status \($0)" } ?? ""
            throw CommandError("no request was accepted, so nothing was tested\(reason)")
        }
        return isSound ? 0 : 1
    }

    /// The time for which the copy keeps finished messages.
    private static let retention = "240h"

    /// Prepares the verification of a project with durable queues.
    private func verification(
        of own: CheckedProject, _ queues: [EntryID], _ endpoints: [CrashLoad.Endpoint], in folder: CrashFolder
    ) async throws -> CrashVerification {
        let copied = try await folder.copy(own)
        var changed = application
        changed.settings.overrides += copied + queues.map { "\($0):\(SQLQueueKinds.retentionField)=\(Self.retention)" }
        changed.settings.overrides += own.plan.overridesOfServerAddresses(in: application.kinds)
        let checked = changed.read()
        try checked.throwIfInvalid()
        return CrashVerification(
            checked: checked, endpoints: endpoints, overrides: changed.settings.overrides,
            arguments: changed.settings.arguments, kills: kills, seconds: seconds, seed: seed)
    }

    private func endpoints(of plan: Plan) throws -> [CrashLoad.Endpoint] {
        let given = try posts.map { text in
            let parts = text.unicodeScalars.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0].hasExactPrefix("/"), (try? JSON.decode(parts[1])) != nil else {
                throw UsageError(
                    "'--post' needs a path and a JSON body, such as '/tasks={\"action\":\"x\"}', got '\(text)'")
            }
            guard let server = plan.entries.first(where: { $0.config is any HTTPServerConfig }) else {
                throw UsageError("the project has no HTTP server to post to")
            }
            return CrashLoad.Endpoint(server: server.id, path: parts[0], body: Array(parts[1].utf8))
        }
        let found = given.isEmpty ? plan.entries.compactMap { $0.example(in: plan) } : given
        guard !found.isEmpty else {
            throw UsageError(
                "no POST endpoint has a body in 'meta.example': write one there, or give '--post /path={…}'")
        }
        return found
    }
}

extension PlannedEntry {
    /// Returns the request in an endpoint's `meta.example`; nil if the endpoint has no example, or a parameter in its
    /// path.
    fileprivate func example(in plan: Plan) -> CrashLoad.Endpoint? {
        guard let endpoint = config as? any HTTPEndpointConfig, endpoint.method == .post,
            endpoint.path.parameterNames.isEmpty, let example = endpoint.example,
            let parent = parent.flatMap({ plan[$0] }), let router = parent.config as? any HTTPRouterConfig,
            router.prefix.parameterNames.isEmpty, let server = parent.parent
        else { return nil }
        let body = example.string ?? JSON.text(of: example)
        return CrashLoad.Endpoint(
            server: server, path: "\(router.prefix.text)\(endpoint.path.text)", body: Array(body.utf8))
    }

    /// The id of the entry to which this entry belongs.
    private var parent: EntryID? { references.first { $0.meaning == .belongsTo }?.entry }
}

extension Application.Settings {
    /// The arguments with these settings for a child process, without the overrides.
    fileprivate var arguments: [String] {
        (settingsFile.map { ["--config", $0] } ?? []) + profiles.flatMap { ["--profile", $0] }
            + assignments.flatMap { ["--set", $0] } + (isLenient ? ["--lenient"] : [])
    }
}

/// The folder with the copies of a project's databases.
private struct CrashFolder {
    let path: String

    init() throws(CommandError) {
        for folder in [".wippy", ".wippy/verify"] where unsafe mkdir(folder, 0o755) != 0 && errno != EEXIST {
            throw CommandError("'\(folder)': \(SystemError.words(for: errno))")
        }
        var number = 1
        while true {
            // A folder that was kept can be of an earlier process with the same number.
            let path = ".wippy/verify/\(getpid())" + (number == 1 ? "" : "-\(number)")
            if unsafe mkdir(path, 0o700) == 0 {
                self.path = path
                return
            }
            guard errno == EEXIST else { throw CommandError("'\(path)': \(SystemError.words(for: errno))") }
            number += 1
        }
    }

    /// Copies the databases of a project.
    ///
    /// The project may be running. It says which of the databases in files cannot be copied. The application finds
    /// them empty.
    ///
    /// - Returns: the overrides that replace the databases' files with the copies.
    func copy(_ checked: CheckedProject) async throws -> [String] {
        let copies = checked.plan.databaseCopies(in: path)
        let firstCopies = copies.filter(\.isFirst)
        try await OpenedEntries.open(firstCopies.map(\.id), of: checked) { opened in
            for copy in firstCopies {
                guard let database = opened.offered(by: copy.id, as: .database) else { continue }
                if let database = database as? any CopyableDatabase {
                    try await database.copy(to: copy.path)
                } else {
                    Console.error(
                        "the database '\(copy.id)' cannot be copied: the application begins with an empty one")
                }
            }
        }
        return copies.map { "\($0.id):\($0.field)=\($0.path)" }
    }

    /// Says where the data are.
    func tell() { Console.error("the data are kept in \(path)") }

    func remove() {
        for item in FolderItem.all(in: path) ?? [] { _ = unsafe unlink("\(path)/\(item.text)") }
        _ = unsafe rmdir(path)
    }
}

/// The report that `verify crash` prints at its end.
struct CrashReport {
    let text: String

    init(_ outcome: CrashVerification.Outcome, seed: UInt64) {
        let (books, delays) = (outcome.books, outcome.delays)
        let claimedAgain =
            delays.isEmpty
            ? "never" : "median \(delays[delays.count / 2].readable), longest \(delays[delays.count - 1].readable)"
        var rows = [
            ["kills", "\(outcome.kills)"], ["accepted", "\(books.accepted)"],
            ["processed once", "\(books.processedOnce)"], ["processed again", "\(books.processedAgain)"],
            ["dead-lettered", "\(books.deadLettered)"], ["unexpected", "\(books.unexpected)"],
            ["still there", "\(books.stillThere)"], ["lost", "\(books.lost.count)"],
            ["claimed again", "\(claimedAgain), after \(delays.count) restarts"],
        ]
        rows += outcome.integrity.map { ["integrity", "\($0.answer) (\($0.file))"] }
        rows += books.lost.prefix(10).map { ["lost request", $0] }
        rows.append(["seed", "\(seed)"])
        text = "\(TextTable(rows))"
    }
}
