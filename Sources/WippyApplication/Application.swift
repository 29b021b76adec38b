import EventLoops
package import WippyDefinition
public import WippyLog
import WippyLoops
public import WippyRuntime

/// A project, with the Swift handlers that its entries name.
///
/// ```swift
/// try await Application(project: "service", handlers: [CreateTask.self], kinds: .standard).run()
/// ```
public struct Application: Sendable {
    /// The settings for reading and running a project.
    public struct Settings: Sendable {
        /// The path of the settings file, absolute or relative to the project's folder; nil for `.wippy.yaml`.
        ///
        /// If you set a path, the file must exist. Default: nil.
        public var settingsFile: String?
        /// Overrides of fields, each in the form `namespace:entry:path=value`.
        ///
        /// Default: none.
        public var overrides: [String] = []
        /// The names of profiles in the settings file.
        ///
        /// They are applied in order. If several profiles set the same value, the last one takes precedence.
        /// Default: none.
        public var profiles: [String] = []
        /// Values that replace those of the settings file, each in the form `section.path=value`.
        ///
        /// Default: none.
        public var assignments: [String] = []
        /// True if these two errors count only as warnings: an unknown field that resembles no known field, and an id
        /// that is declared twice.
        ///
        /// Default: false.
        public var isLenient = false
        /// True if answers to failed requests may show the texts of errors to clients.
        ///
        /// Default: false.
        public var isDevelopment = false
        /// True if a reload may lose accepted work, such as the messages of a queue that it removes.
        ///
        /// Default: false.
        public var discardsWork = false
        /// True if saving one of the project's files starts a reload.
        ///
        /// Default: false.
        public var watchesFiles = false

        /// Creates the default settings.
        public init() {}
    }

    private let project: String
    private let handlers: HandlerTable
    /// The kinds that entries can have.
    package let kinds: KindCatalog
    /// The settings of the run.
    ///
    /// A change has no effect on a run that has begun, except that ``reload()`` obeys ``Settings/discardsWork``.
    public var settings: Settings
    private let log: Log
    let reloading = Reloading()

    /// Hooks for tests and for the command line.
    package struct Instruments: Sendable {
        /// The clock for everything that waits; nil for the system's clock.
        package var clock: (any RuntimeClock)?
        /// Gets the plan before anything is built.
        ///
        /// If this throws, the run ends with the error.
        package var accepts: @Sendable (Plan) throws -> Void = { _ in }
        /// Gets the supervisor before it starts anything.
        package var supervised: @Sendable (Supervisor) -> Void = { _ in }
    }

    /// The hooks of this application.
    package var instruments = Instruments()

    /// Sections of `.wippy.yaml`, in addition to those in the list of kinds.
    package var sections: [any SettingsSection.Type] = []

    /// Errors in the program that are not in its handlers and kinds.
    ///
    /// ``check()`` also reports them.
    package var mistakes: [Diagnostic] = []

    /// The counters, timers and gauges of the entries.
    public let metrics = Metrics()

    /// The registry, which holds the plan in force while the application runs.
    public let registry = Registry()

    /// Creates an application from a table of handlers.
    ///
    /// - Parameters:
    ///   - project: the path of the project's folder. The relative path of a database in an entry starts at the working
    ///     directory.
    ///   - handlers: the Swift handlers that entries can name.
    ///   - kinds: the kinds that entries can have. To add one, pass `.standard + [MyKind()]`.
    ///   - settings: the settings of the run. The command line has them as options. Default: the default settings.
    ///   - log: the log of the application. Default: nothing is logged.
    public init(
        project: String, handlers: HandlerTable, kinds: [any ProgramPart], settings: Settings = Settings(),
        log: Log = .silent
    ) {
        self.init(
            project: project, handlers: handlers, kinds: KindCatalog(kinds), settings: settings, log: log)
    }

    /// Creates an application with a catalog of kinds.
    package init(project: String, handlers: HandlerTable, kinds: KindCatalog, settings: Settings, log: Log) {
        self.project = project
        self.handlers = handlers
        self.kinds = kinds
        self.settings = settings
        self.log = log
    }

    /// Creates an application from a list of handlers.
    ///
    /// - Parameters:
    ///   - project: the path of the project's folder. The relative path of a database in an entry starts at the working
    ///     directory.
    ///   - handlers: the handlers, each under its own `name`.
    ///   - named: further handlers, by names that you choose. Default: none.
    ///   - kinds: the kinds that entries can have.
    ///   - settings: the settings of the run. Default: the default settings.
    ///   - log: the log of the application. Default: nothing is logged.
    public init(
        project: String, handlers: [any Handler.Type], named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any ProgramPart], settings: Settings = Settings(), log: Log = .silent
    ) {
        self.init(
            project: project, handlers: HandlerTable(handlers, named: named), kinds: kinds, settings: settings, log: log
        )
    }

    /// Reads the project and checks it without starting it.
    ///
    /// If the project has no errors, every entry is also built with its handler, and the result is discarded.
    ///
    /// - Parameter withOtherProfiles: true to do the same with each profile that is not chosen. What is wrong with such
    ///   a profile becomes a warning. Default: false.
    public func check(withOtherProfiles: Bool = false) -> CheckedProject {
        let checked = read()
        guard checked.report.isValid || withOtherProfiles else { return checked }
        do throws(SocketError) {
            let loops = try EventLoopGroup(count: 1)
            defer { loops.end() }
            let executors = LoopExecutors(loops: loops)
            let environment = RuntimeEnvironment(
                executors: executors, clock: LoopClock(control: loops.next()), log: .silent, metrics: Metrics(),
                settings: checked.project.settings, isDevelopment: settings.isDevelopment)
            let built = checked.tryingToBuild(in: environment)
            return withOtherProfiles ? built.checkingProfiles(buildingIn: environment) : built
        } catch {
            let sentence = "cannot start an event loop, so nothing can be built: \(error)"
            return checked.reporting([.error(at: Location(source: project), sentence)])
        }
    }

    /// Reads the project and checks its files and entries, without building anything.
    ///
    /// Use it where you need only the plan. Then an entry that cannot be built is no problem.
    public func read() -> CheckedProject {
        CheckedProject(
            at: project, settingsFile: settings.settingsFile, profiles: settings.profiles,
            assignments: settings.assignments, overrides: settings.overrides, isLenient: settings.isLenient,
            in: Program(handlers: handlers, kinds: kinds, settings: sections, mistakes: mistakes))
    }

    /// Runs the project until it stops.
    ///
    /// To stop it, cancel the task. Then servers close, and work that the stop would lose is finished, as far as
    /// `shutdown.timeout` allows. After that, the call returns.
    ///
    /// An application can have only one run at a time, and its copies count as the same application. After the end of a
    /// run, the next one reads the project again and builds every entry anew.
    ///
    /// If you call this method on an event loop, the supervisor uses that loop. Otherwise it has a thread of its own.
    ///
    /// - Throws: `InvalidProject` when the project has errors, or when an entry cannot be built;
    ///   `RequiredServiceFailure` when the application has stopped because a required service stays down; `WippyError`
    ///   of kind `Conflict` when another run of the application, or a reload of an earlier run, has not ended;
    ///   `SocketError` when the system cannot make an event loop.
    public func run() async throws {
        try reloading.beginRun()
        defer { reloading.endRun() }
        if let loop = EventLoop.current { return try await run(on: loop) }
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        let ending = { await uncancelled(on: loop) { await group.shutDown() } }
        do {
            try await withTaskExecutorPreference(loop) { try await run(on: loop) }
        } catch {
            await ending()
            throw error
        }
        await ending()
    }

    /// Runs the project while a closure runs.
    ///
    /// The closure starts when every required service is ready. When it has ended, the application stops gracefully.
    ///
    /// ```swift
    /// try await application.run {
    ///     while let line = readLine() { print(try await shout.call(.string(line))) }
    /// }
    /// ```
    ///
    /// The call returns the closure's result after the application has stopped.
    ///
    /// - Throws: the errors of `body` and of ``run()``; `CancellationError` when the task is cancelled before the
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

    /// Starts the project in a separate task, and returns when every required service is ready.
    ///
    /// To stop the application gracefully, cancel the returned task.
    package func start() async throws -> (task: Task<Void, any Error>, supervisor: Supervisor) {
        let (supervisors, continuation) = AsyncStream<Supervisor>.makeStream()
        var application = self
        application.instruments.supervised = { continuation.yield($0) }
        let task = Task { [application] in
            defer { continuation.finish() }
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
        let loops = try EventLoopGroup(count: checked.project.settings.loops) { [log] loop, duration, work in
            let entry = work.flatMap(RunningEntry.id(ofNumber:))
            (entry.map { log.with(entry: $0.description) } ?? log).warning(
                "an event loop was held up; set 'executor: pool' for code that blocks or computes for long",
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

    /// Waits for the end of reloads, and ends the event loops.
    ///
    /// After a second, it stops waiting for a reload, and for a loop that a handler still holds up.
    private func end(_ loops: EventLoopGroup, _ control: EventLoop) async {
        await uncancelled(on: control) {
            _ = try? await race {
                await reloading.ended(on: control)
                await loops.shutDown()
            } against: {
                try await control.sleep(for: .seconds(1))
            }
        }
    }

    /// Builds the plan and runs its services.
    private func run(
        _ checked: CheckedProject, on loops: EventLoopGroup, _ control: EventLoop, _ watch: ProjectWatch?
    ) async throws {
        var environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: loops), clock: instruments.clock ?? LoopClock(control: control), log: log,
            metrics: metrics, settings: checked.project.settings, isDevelopment: settings.isDevelopment)
        environment.registry = registry
        let services: ServiceGraph?
        do throws(BuildErrors) {
            services = try registry.begin(checked.plan, in: environment)
        } catch {
            return try checked.reporting(error.diagnostics).throwIfInvalid()
        }
        guard let services else {
            throw WippyError(
                .conflict, "a reload of an earlier run has not ended; make another application", isRetryable: true)
        }
        log.tell(checked.report.diagnostics, at: .warning)
        let supervisor = Supervisor(
            services, environment: environment, shutdownTimeout: checked.project.settings.shutdownTimeout, on: control)
        let target = Reloading.Target(
            run: reloading.run, supervisor: supervisor, environment: environment, settings: checked.project.settings,
            watch: watch)
        reloading.serve(target, checked)
        reloading.note(EntryChanges(), of: registry.current.number, in: registry, run: target.run)
        registry.editor = EntryEditor(self, run: target.run)
        defer {
            registry.editor = nil
            reloading.serve(nil)
        }
        instruments.supervised(supervisor)
        try await supervisor.run()
    }

    /// Reads the project again and applies the changes.
    ///
    /// A project with errors changes nothing. A reload that would lose accepted work is not applied, unless
    /// ``Settings/discardsWork`` is true. Calls during a reload share the next reload. Cancelling the task does not
    /// end the reload.
    ///
    /// - Returns: the result. For a project without changes, it is ``Reload/changed(_:)`` with an empty difference.
    @discardableResult
    public func reload() async -> Reload {
        await reloading.request { [self] target in
            let reload = await reload(target, with: reloading.changes)
            log.tell(reload)
            return reload
        }
    }

    /// Reads the project again with other changes of code, and applies the changes.
    ///
    /// - Parameter run: the number of the run to which the changes belong.
    func reload(with changes: EntryChanges, in run: Int) async -> Reload {
        await reloading.request(isShared: false, in: run) { [self] target in
            let reload = await reload(target, with: changes)
            log.tell(reload)
            return reload
        }
    }

    /// Puts an earlier version in force again, without reading the project's files.
    ///
    /// - Parameters:
    ///   - changes: the changes that code had made in that version.
    ///   - run: the number of the run to which the version belongs.
    func goBack(to version: Registry.Version, with changes: EntryChanges, in run: Int) async -> Reload {
        await reloading.request(isShared: false, in: run) { [self] target in
            let reload = await apply(version.plan, changes, target, as: version.number)
            log.tell(reload)
            return reload
        }
    }

    /// Applies a plan.
    ///
    /// If it is then in force, the changes that code has made in it count for the next reading.
    private func apply(
        _ plan: Plan, _ changes: EntryChanges, _ target: Reloading.Target, as number: Int? = nil
    ) async -> Reload {
        do throws(BuildErrors) {
            let change = try await registry.apply(
                plan, in: target.environment, by: target.supervisor, discardsWork: settings.discardsWork,
                as: number)
            if change.outcome == .applied {
                reloading.note(changes, of: change.version, in: registry, run: target.run)
            }
            return .changed(change)
        } catch {
            var report = Report()
            report.add(error.diagnostics)
            return .invalid(report)
        }
    }

    private func reload(_ target: Reloading.Target, with changes: EntryChanges) async -> Reload {
        let checked = await read(target.watch, changes)
        guard checked.report.isValid else { return .invalid(checked.report) }
        reloading.keep(checked, run: target.run)
        log.tell(checked.report.diagnostics, at: .warning)
        for name in target.settings.namesNeedingRestart(for: checked.project.settings) {
            log.warning("a changed setting takes effect at the next start", ["setting": "\(name)"])
        }
        return await apply(checked.plan, changes, target)
    }

    /// Reads the project.
    ///
    /// Reads it again if there are folders that were not watched during the reading.
    ///
    /// The reading runs in the shared pool. Thousands of entries take a second, and the supervisor must not wait for so
    /// long.
    private func read(_ watch: ProjectWatch?, _ changes: EntryChanges) async -> CheckedProject {
        var roundsLeft = Self.maxReadings
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

    /// The largest number of readings.
    ///
    /// A file that is saved after the last reading has begun is read at the next save.
    private static let maxReadings = 4
}
