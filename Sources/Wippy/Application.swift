import EventLoops
package import WippyDefinition
public import WippyLog
import WippyLoops
public import WippyRuntime

/// A project with the Swift handlers that its entries name: what `wippy-swift run` runs, for any program.
///
/// ```swift
/// try await Application(project: "service", handlers: [CreateTask.self]).run()
/// ```
public struct Application: Sendable {
    /// How an application is read and run, beyond what its project says.
    public struct Settings: Sendable {
        /// A file instead of `.wippy.yaml`, seen from the project's folder.
        public var settingsFile: String?
        /// Fields of entries to set: `namespace:entry:path=value`.
        public var overrides: [String] = []
        /// The profiles of that file that lie over it, each over the one before.
        public var profiles: [String] = []
        /// Values over those of that file: `section.path=value`.
        public var assignments: [String] = []
        /// Whether unknown fields that resemble no known one, and ids declared twice, are warnings.
        public var isLenient = false
        /// Whether error answers show what went wrong.
        public var isDevelopment = false
        /// Whether a reload may take queues away that hold messages; else it is refused then.
        public var discardsMessages = false
        /// Whether saving one of the project's files reloads it.
        public var watchesFiles = false

        /// The settings of a plain run.
        public init() {}
    }

    private let project: String
    private let handlers: HandlerTable
    private let kinds: KindCatalog
    private let settings: Settings
    private let log: Log
    let reloading = Reloading()

    /// What a test, or the command line, puts into the application.
    package struct Instruments: Sendable {
        /// The clock that everything waits by; defaults to the system's.
        package var clock: (any RuntimeClock)?
        /// What a test by killing has the application do.
        package var crashTest: CrashTest?
        /// Gets the supervisor before it starts anything.
        package var supervised: @Sendable (Supervisor) -> Void = { _ in }
    }

    package var instruments = Instruments()

    /// What is wrong with what the program has beside handlers and kinds, which the check reports, too.
    package var mistakes: [Diagnostic] = []

    /// Counters and timers of the entries.
    public let metrics = Metrics()

    /// What is in force while the application runs.
    public let registry = Registry()

    /// Creates an application.
    ///
    /// - Parameters:
    ///   - project: the project's folder. Relative paths inside entries, such as a database's file, are relative to the
    ///     working directory.
    ///   - handlers: the Swift handlers that entries may name.
    ///   - kinds: the kinds that entries may be of; `.standard + [MyKind()]` adds one.
    ///   - log: where the application says what happens; by default nowhere.
    public init(
        project: String, handlers: HandlerTable, kinds: [any EntryKind] = .standard, settings: Settings = Settings(),
        log: Log = .silent
    ) {
        self.project = project
        self.handlers = handlers
        self.kinds = KindCatalog(kinds)
        self.settings = settings
        self.log = log
    }

    /// Creates an application of a list of handlers.
    public init(
        project: String, handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any EntryKind] = .standard, settings: Settings = Settings(), log: Log = .silent
    ) {
        self.init(
            project: project, handlers: HandlerTable(handlers, named: named), kinds: kinds, settings: settings, log: log
        )
    }

    /// Reads the project and checks everything that can be known without starting it.
    ///
    /// If there are no errors every entry is built, too, with its handler, and let go of: a handler that asks for what
    /// is not there refuses then. Building has no effect outside of the program.
    public func check() -> CheckedProject {
        let checked = read()
        guard checked.report.isValid else { return checked }
        do throws(SocketError) {
            let loops = try EventLoopGroup(count: 1)
            defer { loops.end() }
            let executors = LoopExecutors(loops: loops)
            return checked.tryingToBuild(
                in: RuntimeEnvironment(
                    executors: executors, clock: LoopClock(control: loops.next()), log: .silent, metrics: Metrics(),
                    isDevelopment: settings.isDevelopment))
        } catch {
            let sentence = "nothing can be built, since no event loop can be started: \(error)"
            return checked.reporting([.error(at: Location(source: project), sentence)])
        }
    }

    /// Reads the project and checks it, and builds nothing.
    package func read() -> CheckedProject {
        CheckedProject(
            at: project, settingsFile: settings.settingsFile, profiles: settings.profiles,
            assignments: settings.assignments, overrides: settings.overrides, isLenient: settings.isLenient,
            in: Program(handlers: handlers, kinds: kinds, absentKinds: .ofWippy, mistakes: mistakes))
    }

    /// Runs the project until it is told to stop.
    ///
    /// Cancelling the task is a graceful stop: servers close, what was accepted is finished, and the call returns.
    ///
    /// What starts and stops the entries runs on a thread of its own, so no handler delays it, and a stop needs no new
    /// thread; called on an event loop, it uses that one.
    ///
    /// - Throws: ``InvalidProject`` when the definition files have errors or an entry cannot be built;
    ///   ``RequiredServiceFailure`` when a required service failed for good. The application has stopped then.
    public func run() async throws {
        if let loop = EventLoop.current { return try await run(on: loop) }
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        // Which is awaited by a task of its own: this one may be cancelled.
        let ending = { await Task(executorPreference: loop) { await group.shutDown() }.value }
        do {
            try await withTaskExecutorPreference(loop) { try await run(on: loop) }
        } catch {
            await ending()
            throw error
        }
        await ending()
    }

    /// Runs the project for as long as `body` does, which begins when every required service is ready.
    ///
    /// ```swift
    /// try await application.run {
    ///     while let line = readLine() { print(try await shout.call(.string(line))) }
    /// }
    /// ```
    ///
    /// However `body` ends, the stop is a graceful one, and the call returns after it.
    ///
    /// - Throws: what `body` throws; what ``run()`` throws; `CancellationError` when the task is cancelled before the
    ///   services are ready.
    public func run<Result>(while body: () async throws -> Result) async throws -> Result {
        let running = try await start()
        let result: Result
        do {
            result = try await body()
        } catch {
            running.task.cancel()
            _ = await running.task.result
            throw error
        }
        running.task.cancel()
        try await running.task.value
        return result
    }

    /// Begins to run in a task of its own, whose cancellation is a graceful stop; returns when every required service
    /// is ready.
    package func start() async throws -> (task: Task<Void, any Error>, supervisor: Supervisor) {
        let (supervisors, teller) = AsyncStream<Supervisor>.makeStream()
        var application = self
        application.instruments.supervised = { teller.yield($0) }
        let task = Task { [application] in
            defer { teller.finish() }
            try await application.run()
        }
        for await supervisor in supervisors where await supervisor.started() { return (task, supervisor) }
        task.cancel()
        try await task.value
        throw CancellationError()
    }

    private func run(on control: EventLoop) async throws {
        let watch = settings.watchesFiles ? ProjectWatch(of: self, on: control, log: log) : nil
        defer { watch?.close() }
        var checked = read()
        if let watch, watch.follow(checked.watchedFolders) { checked = checked.readAgain() }
        try checked.throwIfInvalid()
        for diagnostic in checked.report.diagnostics { log.warning("\(diagnostic)") }
        let loops = try EventLoopGroup(count: checked.project.settings.loops) { [log] loop, duration, work in
            let entry = work.flatMap(RunningEntry.init(number:))
            (entry.map { log.with(entry: $0.description) } ?? log).warning(
                "an event loop was held up; code that computes long belongs on 'executor: pool'",
                ["loop": LogValue(loop.index), "duration": "\(duration.readable)"])
        }
        for loop in loops.loops { loop.execute { RunningEntry.prepareThread() } }
        do {
            try await run(checked, on: loops, control, watch)
        } catch {
            await end(loops, control)
            throw error
        }
        await end(loops, control)
    }

    /// Ends the loops; one that a handler still holds up after a second is left behind.
    private func end(_ loops: EventLoopGroup, _ control: EventLoop) async {
        // A task of its own, which the cancelling of the caller's does not reach.
        await Task(executorPreference: control) {
            await withTaskGroup { group in
                group.addTask { await loops.shutDown() }
                group.addTask { try? await control.sleep(for: .seconds(1)) }
                await group.next()
                group.cancelAll()
            }
        }.value
    }

    /// Build and Run.
    private func run(
        _ checked: CheckedProject, on loops: EventLoopGroup, _ control: EventLoop, _ watch: ProjectWatch?
    ) async throws {
        var environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: loops), clock: instruments.clock ?? LoopClock(control: control), log: log,
            metrics: metrics, isDevelopment: settings.isDevelopment)
        environment.crashTest = instruments.crashTest
        environment.registry = registry
        let services: ServiceGraph
        do throws(BuildErrors) {
            services = try registry.apply(checked.plan, in: environment)
        } catch {
            return try checked.reporting(error.diagnostics).throwIfInvalid()
        }
        let supervisor = Supervisor(
            services, environment: environment, shutdownTimeout: checked.project.settings.shutdownTimeout, on: control)
        reloading.serve(
            Reloading.Target(
                supervisor: supervisor, environment: environment, settings: checked.project.settings, watch: watch),
            checked)
        reloading.note(EntryChanges(), of: registry.current.number, in: registry)
        registry.editor = EntryEditor(self)
        defer {
            registry.editor = nil
            reloading.serve(nil)
        }
        instruments.supervised(supervisor)
        try await supervisor.run()
    }

    /// Reads the project again while it runs, and goes over to what it says now.
    ///
    /// What did not change goes on running, and nothing that was accepted is lost. A project with errors changes
    /// nothing, and one whose required services do not get ready is taken back. The log has a line for each reload.
    /// Calls that come while a reload is at work share the one after it.
    ///
    /// Cancelling the task does not end the reload.
    @discardableResult
    public func reload() async -> Reload {
        await reloading.request { [self] target in
            let reload = await reload(target)
            log.tell(reload)
            return reload
        }
    }

    /// Goes to a version that was in force before, whatever the project's files say now.
    func goBack(to version: Registry.Version) async -> Reload {
        await reloading.request(isShared: false) { [self] target in
            let reload = await apply(version.plan, target, as: version.number)
            log.tell(reload)
            return reload
        }
    }

    private func apply(_ plan: Plan, _ target: Reloading.Target, as number: Int? = nil) async -> Reload {
        do throws(BuildErrors) {
            return .changed(
                try await registry.apply(
                    plan, in: target.environment, by: target.supervisor, discardsMessages: settings.discardsMessages,
                    as: number))
        } catch {
            var report = Report()
            report.add(error.diagnostics)
            return .invalid(report)
        }
    }

    private func reload(_ target: Reloading.Target) async -> Reload {
        let changes = reloading.changes
        let checked = await read(target.watch, changes)
        guard checked.report.isValid else { return .invalid(checked.report) }
        reloading.keep(checked)
        for diagnostic in checked.report.diagnostics { log.warning("\(diagnostic)") }
        for name in target.settings.namesNeedingRestart(for: checked.project.settings) {
            log.warning("a changed setting waits for the next start", ["setting": "\(name)"])
        }
        let reload = await apply(checked.plan, target)
        if case .changed(let change) = reload, change.outcome == .applied {
            reloading.note(changes, of: change.version, in: registry)
        }
        return reload
    }

    /// Reads the project, and again as long as folders come that were not watched while they were read.
    ///
    /// It reads on the pool: thousands of entries take a second that the supervisor does not have.
    private func read(_ watch: ProjectWatch?, _ changes: EntryChanges) async -> CheckedProject {
        var roundsLeft = Self.readingsMax
        var last = reloading.lastRead
        while true {
            let (checked, folders) = await Task(executorPreference: globalConcurrentExecutor) { [last] in
                let checked = last?.readAgain(with: changes) ?? read()
                return (checked, watch == nil ? nil : checked.watchedFolders)
            }.value
            roundsLeft -= 1
            last = checked
            guard let watch, let folders, watch.follow(folders), roundsLeft > 0 else { return checked }
        }
    }

    /// What is saved later than the last of these readings begins comes into force with the next save.
    private static let readingsMax = 4
}
