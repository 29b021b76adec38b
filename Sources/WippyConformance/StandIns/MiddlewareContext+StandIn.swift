public import WippyDefinition
public import WippyHTTP
public import WippyLog
public import WippyMessaging
public import WippyRuntime
public import WippySQL
public import WippyStore
public import WippyValues

extension MiddlewareContext {
    /// Returns a context for a test of one middleware alone.
    ///
    /// ```swift
    /// let options: Session.Options = try .standIn(options: ["session.store": "app:sessions"])
    /// let session = try Session(options, with: .standIn(stores: ["app:sessions": store]))
    /// ```
    ///
    /// The keys of `queues`, `databases`, `functions`, `stores` and `others` are full ids, which the middleware's
    /// options name.
    ///
    /// - Parameters:
    ///   - queues: the queues to which the middleware can publish. `StandInQueue` of `WippyTesting` keeps the published
    ///     messages. Default: none.
    ///   - databases: the databases that the middleware can use. `StandInDatabase` of `WippyTesting` is in memory.
    ///     Default: none.
    ///   - functions: the functions that the middleware can call. `StandInFunction` of `WippyTesting` calls a closure.
    ///     Default: none.
    ///   - stores: the stores that the middleware can use. Default: none.
    ///   - others: objects under other contracts, such as one of your own. Default: none.
    ///   - clock: the clock. Default: the system's clock.
    ///   - log: the log. Default: nothing is logged.
    ///   - metrics: the metrics. Default: new ones.
    ///   - id: the id of the router's entry. Default: `app:router`.
    public static func standIn(
        queues: KeyValuePairs<String, any MessageQueue> = [:], databases: KeyValuePairs<String, any SQLDatabase> = [:],
        functions: KeyValuePairs<String, any Function> = [:], stores: KeyValuePairs<String, any KeyValueStore> = [:],
        others: KeyValuePairs<String, StandIn> = [:],
        clock: any RuntimeClock = SystemClock(), log: Log = .silent, metrics: Metrics = Metrics(),
        id: EntryID = EntryID(namespace: "app", name: "router")
    ) -> MiddlewareContext {
        var standIns = StandIns(of: id, forA: "middleware")
        for (name, queue) in queues { standIns.add(queue, as: .queue, named: name) }
        for (name, database) in databases { standIns.add(database, as: .database, named: name) }
        for (name, function) in functions { standIns.add(function, as: .function, named: name) }
        for (name, store) in stores { standIns.add(store, as: .store, named: name) }
        for (name, other) in others { standIns.add(other, named: name) }
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: clock, log: log, metrics: metrics)
        return MiddlewareContext(id, from: standIns, in: environment)
    }
}

extension EntryConfig {
    /// Returns the options of a middleware for a test.
    ///
    /// - Parameter options: the options as in a router. A key is the whole name of an option, such as `stamp.text`, or
    ///   the first part of the name if the value is a map with the rest. Write full ids of entries.
    /// - Throws: `InvalidProject` when an option is wrong, unknown or missing.
    public static func standIn(options: ValueMap) throws -> Self {
        var report = Report()
        // The options are read from YAML, and JSON is also YAML.
        let file = SourceFile(path: "options", text: JSON.text(of: ["options": .map(options)]))
        let config = FieldReader.read(file, report: &report) { fields in
            fields.flat("options") { Self(from: &$0) }
        }
        try report.throwIfInvalid()
        return config
    }
}
