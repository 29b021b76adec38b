public import Wippy

extension HandlerContext {
    /// Returns a context for a test of one handler alone.
    ///
    /// ```swift
    /// let queue = StandInQueue()
    /// let handler = try CreateTask(.standIn(queues: ["tasks": queue]))
    /// let answer = try await handler.handle(.post("/tasks", json: ["action": "sum"]))
    /// ```
    ///
    /// The keys of `queues`, `databases`, `functions`, `variables` and `others` are the names by which the handler asks
    /// for them: names in `uses`, or full ids.
    ///
    /// - Parameters:
    ///   - queues: the queues to which the handler can publish. ``StandInQueue`` keeps the published messages. Default:
    ///     none.
    ///   - databases: the databases that the handler can use. ``StandInDatabase`` is in memory. Default: none.
    ///   - functions: the functions that the handler can call. ``StandInFunction`` calls a closure. Default: none.
    ///   - variables: the texts of variables. Default: none.
    ///   - others: objects under other contracts, such as one of your own. Default: none.
    ///   - config: the fields under `config:` in the handler's entry. Default: none.
    ///   - clock: the clock. Default: the system's clock.
    ///   - log: the log. Default: nothing is logged.
    ///   - id: the id of the handler's entry. Default: `app:handler`.
    public static func standIn(
        queues: KeyValuePairs<String, any MessageQueue> = [:], databases: KeyValuePairs<String, any SQLDatabase> = [:],
        functions: KeyValuePairs<String, any Function> = [:], variables: KeyValuePairs<String, String> = [:],
        others: KeyValuePairs<String, StandIn> = [:], config: ValueMap = ValueMap(),
        clock: any RuntimeClock = SystemClock(), log: Log = .silent,
        id: EntryID = EntryID(namespace: "app", name: "handler")
    ) -> HandlerContext {
        var standIns = StandIns(of: id, config: config)
        for (name, queue) in queues { standIns.add(queue, as: .queue, named: name) }
        for (name, database) in databases { standIns.add(database, as: .database, named: name) }
        for (name, function) in functions { standIns.add(function, as: .function, named: name) }
        for (name, text) in variables {
            let value = VariableValue(text: text, place: Location(source: "the test"), isSecret: false)
            standIns.add(value, as: .variable, named: name)
        }
        for (name, other) in others { standIns.add(other, named: name) }
        let environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: clock, log: log, metrics: Metrics())
        return HandlerContext(id, from: standIns, in: environment)
    }
}

extension HTTPRequest {
    /// Returns a GET request for a handler under test.
    ///
    /// - Parameters:
    ///   - target: the path with its query.
    ///   - parameters: the values of the endpoint's path parameters. Default: none.
    /// - Throws: ``TestFailure`` when `target` is not valid in a request.
    public static func get(
        _ target: String, parameters: KeyValuePairs<String, String> = [:]
    ) throws -> HTTPRequest {
        try HTTPRequest(.get, target, body: [], parameters: parameters)
    }

    /// Returns a POST request with a JSON body for a handler under test.
    ///
    /// The other parameters are those of ``get(_:parameters:)``.
    ///
    /// - Throws: the errors of ``get(_:parameters:)``; `JSONError` when `json` nests too deep.
    public static func post(
        _ target: String, json: Value, parameters: KeyValuePairs<String, String> = [:]
    ) throws -> HTTPRequest {
        try HTTPRequest(.post, target, body: JSON.encode(json), parameters: parameters)
    }

    /// Creates a request for a handler under test.
    ///
    /// - Parameters:
    ///   - method: the method, such as PUT.
    ///   - target: the path with its query.
    ///   - body: the bytes of the body.
    ///   - parameters: the values of the endpoint's path parameters. Default: none.
    /// - Throws: ``TestFailure`` when `target` is not valid in a request.
    public init(
        _ method: HTTPMethod, _ target: String, body: [UInt8], parameters: KeyValuePairs<String, String> = [:]
    ) throws {
        guard let head = HTTPRequestHead(method: method, target: target) else {
            throw TestFailure(
                "'\(target)' is not a request path: a request path begins with '/' and is percent-encoded")
        }
        self.init(head: head, body: body)
        self.parameters = parameters.map { HTTPPathParameter(name: $0.key, value: $0.value) }
    }
}

extension HTTPResponse {
    /// Returns the content as a JSON value.
    ///
    /// If a closure writes the content, this method calls the closure.
    ///
    /// - Throws: `JSONError` when the content is not JSON; the errors of the closure that writes the content; an
    ///   `HTTPBodyWriterError` when the content does not have the announced length.
    public func json() async throws -> Value { try JSON.decode(await body.collect()) }
}

extension Delivery {
    /// Returns a delivery for a handler under test.
    ///
    /// - Parameters:
    ///   - body: the message's body. Default: null.
    ///   - headers: the message's headers. Default: none.
    ///   - attempt: the number of the attempt, counted from 1. Default: 1.
    public static func standIn(
        _ body: Value = .null, headers: ValueMap = ValueMap(), attempt: Int = 1
    ) -> Delivery {
        Delivery(
            message: Message(body: body, headers: headers, attempts: attempt - 1),
            queue: EntryID(namespace: "app", name: "queue"), attempt: attempt)
    }
}

extension ProcessContext {
    /// Returns a context for a process under test.
    ///
    /// - Parameters:
    ///   - input: the process's arguments. Default: none.
    ///   - clock: the process's clock. Default: the system's clock.
    ///   - stop: the signal that tells the process to end. The test can fire it. Default: a signal that has not fired.
    public static func standIn(
        input: [Value] = [], clock: any RuntimeClock = SystemClock(), stop: StopSignal = StopSignal()
    ) -> ProcessContext {
        ProcessContext(
            id: EntryID(namespace: "app", name: "process"), input: input, log: .silent, clock: clock, stop: stop
        ) {}
    }
}
