import EventLoops
package import WippyDefinition
public import WippyLog
import WippyLoops
public import WippyRuntime

/// A project, together with the Swift handlers that its entries name.
///
/// ```swift
/// try await Application(project: "service", handlers: [CreateTask.self]).run()
/// ```
public struct Application: Sendable {
    /// How an application reads and runs its project.
    public struct Settings: Sendable {
        /// The settings file, relative to the project's folder; nil for `.wippy.yaml`.
        public var settingsFile: String?
        /// Fields of entries to override: `namespace:entry:path=value`.
        public var overrides: [String] = []
        /// The profiles of the settings file to apply, in order.
        ///
        /// Later ones win.
        public var profiles: [String] = []
        /// Values that replace those of the settings file: `section.path=value`.
        public var assignments: [String] = []
        /// Whether two errors become warnings: unknown fields that resemble no known field, and ids declared twice.
        public var isLenient = false
        /// Whether an error answer shows the error's text to the client.
        public var isDevelopment = false
        /// Whether a reload may remove queues that hold messages.
        ///
        /// If not, such a reload is refused.
        public var discardsMessages = false
        /// Whether saving one of the project's files starts a reload.
        public var watchesFiles = false

        /// Creates the default settings.
        public init() {}
    }

    private let project: String
    private let handlers: HandlerTable
    private let kinds: KindCatalog
    private let settings: Settings
    private let log: Log
    let reloading = Reloading()

    /// What a test or the command line adds to the application.
    package struct Instruments: Sendable {
        /// The clock for everything that waits; nil for the system's.
        package var clock: (any RuntimeClock)?
        /// Gets the plan before anything is built; what it throws ends the run.
        package var accepts: @Sendable (Plan) throws -> Void = { _ in }
        /// Gets the supervisor before it starts anything.
        package var supervised: @Sendable (Supervisor) -> Void = { _ in }
    }

    package var instruments = Instruments()

    /// Further mistakes of the program, beside those in handlers and kinds.
    ///
    /// The check reports them too.
    package var mistakes: [Diagnostic] = []

    /// Counters and timers of the entries.
    public let metrics = Metrics()

    /// The plan in force while the application runs.
    public let registry = Registry()

    /// Creates an application.
    ///
    /// - Parameters:
    ///   - project: the project's folder. Relative paths inside entries, such as a database's file, start from the
    ///     working directory.
    ///   - handlers: the Swift handlers that entries can name.
    ///   - kinds: the kinds that entries can have; `.standard + [MyKind()]` adds one.
    ///   - settings: options of a run, as those of the command line.
    ///   - log: where the application logs; by default nowhere.
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

    /// Creates an application with a table of handlers.
    public init(
        project: String, handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any EntryKind] = .standard, settings: Settings = Settings(), log: Log = .silent
    ) {
        self.init(
            project: project, handlers: HandlerTable(handlers, named: named), kinds: kinds, settings: settings, log: log
        )
    }

    /// Reads the project and checks it without starting it.
    ///
    /// If there are no errors so far, it also builds every entry with its handler, and throws the result away. Building
    /// finds handlers that ask for missing entries, and has no effect outside the program.
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
            let sentence = "cannot start an event loop, so nothing can be built: \(error)"
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

    /// Runs the project until it stops.
    ///
    /// To stop it, cancel the task: servers close, accepted work is finished, and the call returns.
    ///
    /// The supervisor runs on its own thread, so no handler delays it. If you call this on an event loop, the
    /// supervisor uses that loop.
    ///
    /// - Throws: `InvalidProject` when the definition files have errors or an entry cannot be built;
    ///   `RequiredServiceFailure` when a required service failed for good. The application has stopped then.
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

    /// Runs the project while `body` runs.
    ///
    /// `body` starts when every required service is ready.
    ///
    /// ```swift
    /// try await application.run {
    ///     while let line = readLine() { print(try await shout.call(.string(line))) }
    /// }
    /// ```
    ///
    /// When `body` ends, the application stops gracefully, and then the call returns.
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
        try instruments.accepts(checked.plan)
        for diagnostic in checked.report.diagnostics { log.warning("\(diagnostic)") }
        let loops = try EventLoopGroup(count: checked.project.settings.loops) { [log] loop, duration, work in
            let entry = work.flatMap(RunningEntry.init(number:))
            (entry.map { log.with(entry: $0.description) } ?? log).warning(
                "an event loop was held up; give code that blocks or computes for long 'executor: pool'",
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

    /// Reads the project again and applies what changed.
    ///
    /// Everything that did not change goes on running, and no accepted work is lost. A project with errors changes
    /// nothing. If a new required service does not get ready, the change is taken back. The log has a line for each
    /// reload. Calls during a reload share the next one.
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
            log.warning("a changed setting takes effect at the next start", ["setting": "\(name)"])
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
