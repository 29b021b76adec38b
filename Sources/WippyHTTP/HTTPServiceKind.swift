import EventLoops
import HTTPServing
import WippyDefinition
import WippyLoops
import WippyRuntime

/// `http.service`: an HTTP/1.1 server.
struct HTTPServiceKind: HTTPServerKind {
    static let name: KindName = "http.service"
    static let summary = "An HTTP/1.1 server. Routers belong to it, and endpoints belong to the routers."
    static let role: ServiceRole? = .server
    static let whenChanged: String? =
        "The old server answers the requests that it has, and stops. Then the new one starts. A change of routers or "
        + "endpoints changes the routes in place."

    static let metrics = ServerMetrics.all

    struct Config: EntryConfig, HTTPServerConfig {
        let server: HTTPServerSettings
        let logsAccess: Bool
        let health: HealthPaths

        var address: SocketAddress { server.address }

        init(from fields: inout FieldReader) {
            var server = HTTPServerSettings(
                address: fields.required(
                    Self.addressField,
                    "The address on which the server listens: host:port, or :port for every address of the machine."))
            (logsAccess, health) = fields.inPlace { fields in
                server.timeouts.read(from: &fields)
                server.limits.read(from: &fields)
                server.maxConnections = fields.optional(
                    "limits.connections", default: server.maxConnections, in: HTTPServerSettings.maxConnectionsRange,
                    "The number of connections that may be open at once. Further connections wait.")
                let logsAccess = fields.optional(
                    "access_log", default: false,
                    "Whether each answer is logged on the level info. Otherwise its level is debug.")
                return (logsAccess, HealthPaths(from: &fields))
            }
            self.server = server
            let mailboxes = "this version has neither WebSocket nor SSE relays"
            fields.ignored("host.buffer_size", because: mailboxes)
            fields.ignored("host.worker_count", because: mailboxes)
            fields.refused("tls", because: "this version has no TLS; put a proxy with TLS in front of the server")
            fields.refused("network", because: "this version has no overlay networks; use only 'addr'")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<HTTPService> {
        let service = HTTPService(
            config: entry.config, responder: try RouteDispatcher(context, health: entry.config.health),
            loops: try context.eventLoops(), context: context)
        return .component(service, service: service)
    }

    /// Changes everything in place, except the address.
    func update(
        _ built: Built<HTTPService>, from old: Entry<Config>, to entry: Entry<Config>,
        with context: BuildContext
    ) throws -> Update? {
        guard let service = built.component else { return nil }
        let settings = Update(from: old.config, to: entry.config) { service.change(to: $0) }
        return try service.responder.update(with: context, health: entry.config.health).and(settings)
    }
}

extension HTTPServerSettings.Timeouts {
    fileprivate mutating func read(from fields: inout FieldReader) {
        let range = Self.range
        let (headerField, bodyField, mostField) = ("timeouts.header", "timeouts.body", "timeouts.read")
        let idleField = "timeouts.idle"
        header = fields.optional(
            headerField, default: header, in: range,
            "The longest time that a client may take to send the head of a request.")
        body = fields.optional(
            bodyField, default: body, in: range,
            "The longest time that a client may take to send the whole body of a request, from the moment when the "
                + "handler begins to read it."
        )
        let most: Duration? = fields.optional(
            mostField, in: range,
            "An older field. It limits '\(headerField)' and '\(bodyField)': a larger value of these is reduced to it.")
        if let most {
            for (field, limit) in [(headerField, header), (bodyField, body)] where limit > most {
                if fields.isWritten(field) { fields.warn(field, "is reduced to '\(mostField)', \(most.written)") }
            }
            if most > max(header, body) {
                fields.warnIfWritten(mostField, because: "'\(headerField)' and '\(bodyField)' are shorter")
            }
            (header, body) = (min(header, most), min(body, most))
        }
        idle = fields.optional(
            idleField, default: idle, in: range,
            "The longest time that a connection may wait for its next request, or that a client may read nothing of "
                + "an answer.")
        fields.ignored(
            "timeouts.write",
            because: "'\(idleField)' disconnects a client that reads nothing of its answer")
    }
}

extension RequestLimits {
    fileprivate mutating func read(from fields: inout FieldReader) {
        headerBytes =
            fields.optional(
                "limits.header_bytes", default: ByteCount(headerBytes), in: ByteCount.range(of: Self.headerBytesRange),
                "The largest head of a request."
            ).bytes
        headerFields = fields.optional(
            "limits.header_fields", default: headerFields, in: Self.headerFieldsRange,
            "The largest number of headers in a request.")
        bodyBytes =
            fields.optional(
                "limits.body", default: ByteCount(bodyBytes), in: RouteLimits.bodyRange,
                "The largest body of a request. A router or an endpoint can have its own limit."
            ).bytes
    }
}
