public import WippyDefinition
import WippyText

/// The `lifecycle` block of an entry: when its service starts, how long it may take, and what follows a failure.
///
/// Source: the supervision guide; where its implementation differs (the delay between restarts never grew), the guide.
public struct LifecyclePolicy: EntryConfig {
    /// Whether the service starts with the application; else it starts only if one that does needs it.
    public var startsAutomatically: Bool

    /// Whether the start waits for the service, and its final failure ends the application.
    public var isRequired: Bool

    /// How long one attempt may take to become ready, if the entry says so; see ``startLimit(of:)``.
    public var startTimeout: Duration?

    /// How long the service may take to stop, within what is left of the application's own deadline, if the entry
    /// says so; see ``stopLimit(of:)``.
    public var stopTimeout: Duration?

    /// A run of at least this length makes the next failure count as the first.
    public var stableThreshold: Duration

    /// What follows a failure.
    public var restart: RestartPolicy

    /// What must be ready, or completed, first: an explicit edge, which beats the order of roles.
    public var requirements: [Requirement]

    /// Reads the block.
    public init(from fields: inout FieldReader) {
        startsAutomatically = fields.optional(
            "lifecycle.auto_start", default: false, "Whether the service starts with the application.")
        isRequired =
            fields.optional(
                "lifecycle.startup", default: Startup.required,
                "Whether the start waits for the service, and its final failure ends the application.") == .required
        startTimeout = fields.optional(
            "lifecycle.start_timeout", in: .milliseconds(1) ... .seconds(86_400),
            """
            How long one attempt may take to become ready; \(Self.usualLimit.written), and for processes no limit, \
            unless written.
            """)
        stopTimeout = fields.optional(
            "lifecycle.stop_timeout", in: .zero ... .seconds(86_400),
            """
            How long a stop may take; consumers and servers have what is left of 'shutdown.timeout', others \
            \(Self.usualLimit.written).
            """)
        stableThreshold = fields.optional(
            "lifecycle.stable_threshold", default: .seconds(5), in: .zero ... .seconds(86_400),
            "A run of this length makes the next failure count as the first.")
        restart = RestartPolicy(from: &fields)
        requirements =
            Requirement.list("lifecycle.requires", "What must be ready, or completed, first.", &fields)
            + Requirement.list("lifecycle.depends_on", "The older name of 'lifecycle.requires'.", &fields)
        fields.ignored("lifecycle.security", because: "there are no security policies yet")
    }

    /// How long a start and a stop may take where the entry does not say and its role sets a limit.
    private static let usualLimit = Duration.seconds(10)

    /// How long an attempt of a service of the role may take to become ready; nil is no limit, since a process may
    /// migrate for an hour.
    func startLimit(of role: ServiceRole) -> Duration? { startTimeout ?? (role == .process ? nil : Self.usualLimit) }

    /// How long a service of the role may take to stop; nil is as long as there is time, for what takes work in.
    func stopLimit(of role: ServiceRole) -> Duration? {
        switch role {
        case .consumer, .server: stopTimeout
        case .resource, .process: stopTimeout ?? Self.usualLimit
        }
    }

    private enum Startup: String, FieldChoice {
        case required, optional
        static var placeholder: Startup { .required }
    }
}

/// Another service that must have come to a state first.
public struct Requirement: Sendable, Hashable {
    /// The state that is waited for.
    public enum Condition: String, FieldChoice, Sendable {
        /// Others may rely on it.
        case ready
        /// It has ended with success: a migration is over.
        case completed

        /// Ready.
        public static var placeholder: Condition { .ready }
    }

    /// The service that is waited for.
    public let id: EntryID

    /// The state that is waited for.
    public let condition: Condition

    /// Creates a requirement.
    public init(id: EntryID, condition: Condition = .ready) {
        self.id = id
        self.condition = condition
    }

    static func list(_ path: String, _ help: String, _ fields: inout FieldReader) -> [Requirement] {
        fields.custom(path, expectation: "a list of ids, or of maps with id and condition", default: [], help) {
            node, fields throws(FieldProblem) in
            guard case .sequence(let nodes) = node.listed.content else { throw .expected("a list", got: node) }
            var requirements: [Requirement] = []
            for (index, node) in nodes.enumerated() {
                requirements.append(try read(node, field: "\(path)[\(index)]", &fields))
            }
            return requirements
        }
    }

    private static func read(
        _ node: Node, field: String, _ fields: inout FieldReader
    ) throws(FieldProblem) -> Requirement {
        guard case .mapping(let pairs) = node.content else {
            return Requirement(
                id: try fields.noteReference(node, field: field, meaning: .startsAfter), condition: .ready)
        }
        if let stranger = pairs.first(where: { $0.key != "id" && $0.key != "condition" }) {
            throw FieldProblem("takes only 'id' and 'condition', got '\(stranger.key)'", at: stranger.keyLocation)
        }
        guard let id = node["id"] else { throw FieldProblem("must have an 'id'", at: node.location) }
        let target = try fields.noteReference(id, field: "\(field).id", meaning: .startsAfter)
        guard let condition = node["condition"] else { return Requirement(id: target) }
        return Requirement(id: target, condition: try Condition(reading: condition))
    }
}
