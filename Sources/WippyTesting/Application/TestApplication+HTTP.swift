public import Wippy

extension TestApplication {
    /// Header fields of a request, in order, such as `["X-Request-Id": "7"]`.
    public typealias Fields = KeyValuePairs<HTTPFieldName, String>

    /// Sends a GET request.
    ///
    /// - Parameters:
    ///   - path: the path with its query: `/tasks?status=pending`.
    ///   - fields: further header fields. Default: none.
    ///   - server: the full id of the server. You need it only if the project has several servers. Default: nil.
    /// - Throws: the errors of ``send(_:_:body:fields:on:)``.
    public func get(_ path: String, fields: Fields = [:], on server: String? = nil) async throws -> TestResponse {
        try await send(.get, path, fields: fields, on: server)
    }

    /// Sends a POST request with a JSON body, or without a body if `json` is nil.
    ///
    /// With a body, `Content-Type` is `application/json` unless `fields` has another one. The other parameters are
    /// those of ``get(_:fields:on:)``.
    ///
    /// - Throws: the errors of ``get(_:fields:on:)``; `JSONError` when `json` nests too deep.
    public func post(
        _ path: String, json: Value? = nil, fields: Fields = [:], on server: String? = nil
    ) async throws -> TestResponse {
        try await send(.post, path, json: json, fields: fields, on: server)
    }

    /// Sends a POST request with a value, which is encoded as JSON.
    ///
    /// The other parameters are those of ``get(_:fields:on:)``.
    ///
    /// - Throws: the errors of ``get(_:fields:on:)``; `JSONError` when the value nests too deep; the errors of
    ///   `ValueEncoder`.
    public func post(
        _ path: String, encoding body: some Encodable, fields: Fields = [:], on server: String? = nil
    ) async throws -> TestResponse {
        try await send(.post, path, json: ValueEncoder().encode(body), fields: fields, on: server)
    }

    /// Sends a PUT request with a JSON body, or without a body if `json` is nil.
    ///
    /// The other parameters are those of ``get(_:fields:on:)``.
    ///
    /// - Throws: the errors of ``get(_:fields:on:)``; `JSONError` when `json` nests too deep.
    public func put(
        _ path: String, json: Value? = nil, fields: Fields = [:], on server: String? = nil
    ) async throws -> TestResponse {
        try await send(.put, path, json: json, fields: fields, on: server)
    }

    /// Sends a PATCH request with a JSON body, or without a body if `json` is nil.
    ///
    /// The other parameters are those of ``get(_:fields:on:)``.
    ///
    /// - Throws: the errors of ``get(_:fields:on:)``; `JSONError` when `json` nests too deep.
    public func patch(
        _ path: String, json: Value? = nil, fields: Fields = [:], on server: String? = nil
    ) async throws -> TestResponse {
        try await send(.patch, path, json: json, fields: fields, on: server)
    }

    /// Sends a DELETE request with a JSON body, or without a body if `json` is nil.
    ///
    /// The other parameters are those of ``get(_:fields:on:)``.
    ///
    /// - Throws: the errors of ``get(_:fields:on:)``; `JSONError` when `json` nests too deep.
    public func delete(
        _ path: String, json: Value? = nil, fields: Fields = [:], on server: String? = nil
    ) async throws -> TestResponse {
        try await send(.delete, path, json: json, fields: fields, on: server)
    }

    /// Sends a request with any body.
    ///
    /// - Parameters:
    ///   - method: the method, such as GET.
    ///   - path: the path with its query.
    ///   - body: the bytes of the body. Default: empty.
    ///   - fields: further header fields. For a request over a socket, `Host`, `Connection` and `Content-Length` are
    ///     added where they are needed. Default: none.
    ///   - server: the full id of the server. You need it only if the project has several servers. Default: nil.
    /// - Throws: ``TestFailure`` when the request cannot be sent, or when no whole answer comes; `HTTPFieldError` when
    ///   a header field is not valid; over a socket, `CancellationError` when the task is cancelled.
    public func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8] = [], fields: Fields = [:], on server: String? = nil
    ) async throws -> TestResponse {
        try await exchange(method, path, body, HTTPFields(fields.map { (name: $0.key, value: $0.value) }), on: server)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, json: Value?, fields: Fields, on server: String?
    ) async throws -> TestResponse {
        guard let json else { return try await send(method, path, fields: fields, on: server) }
        var all = try HTTPFields(fields.map { (name: $0.key, value: $0.value) })
        if !all.contains(.contentType) { try all.set(.contentType, "application/json") }
        return try await exchange(method, path, JSON.encode(json), all, on: server)
    }

    private func exchange(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8], _ fields: HTTPFields, on server: String?
    ) async throws -> TestResponse {
        try checkIsRunning()
        let id = try serverID(server)
        let server = try link(to: id, as: .httpServer).target
        guard let head = HTTPRequestHead(method: method, target: path, fields: fields) else {
            throw TestFailure("'\(path)' is not a request path: a request path begins with '/' and is percent-encoded")
        }
        guard usesSockets else { return try await Self.answer(of: server.responder, to: head, body) }
        guard let address = server.listeningAddress else {
            throw TestFailure("'\(id)' does not listen: check its '\(LifecyclePolicy.autoStartField)'")
        }
        return try await SocketExchange(with: address, head, body).response()
    }

    /// Returns the id of the server with a name; without a name, the id of the project's only server.
    private func serverID(_ name: String?) throws -> EntryID {
        if let name { return try id(of: name) }
        let servers = application.registry.current.plan.entries.filter { $0.config is any HTTPServerConfig }.map(\.id)
        guard let server = servers.first else { throw TestFailure("the project has no HTTP server") }
        guard servers.count == 1 else {
            let names = servers.map { "'\($0)'" }.joined(separator: ", ")
            throw TestFailure("the project has several HTTP servers: choose one of \(names) with 'on:'")
        }
        return server
    }

    /// Returns a router's answer without a socket.
    private static func answer(
        of router: RouteDispatcher, to head: HTTPRequestHead, _ body: [UInt8]
    ) async throws -> TestResponse {
        let request = HTTPRequest(head: head, body: body)
        var answer: HTTPResponse
        var content: [UInt8]
        do {
            answer = try await router.respond(to: request)
            content = try await answer.body.collect()
        } catch {
            answer = router.answer(to: error, request)
            content = try await answer.body.collect()
        }
        if head.method == .head || answer.status.forbidsContent { content = [] }
        return TestResponse(status: answer.status.code, fields: answer.fields, body: content)
    }
}
