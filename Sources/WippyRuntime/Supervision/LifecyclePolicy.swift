public import WippyDefinition
import WippyText

/// The `lifecycle` block of an entry: the start of its service, the time limits, and the consequences of a failure.
///
/// The page `docs/kinds/lifecycle.md` lists the fields with their defaults and ranges.
public struct LifecyclePolicy: EntryConfig {
    /// True if the service starts with the application.
    ///
    /// Otherwise, it starts only if a service that starts needs it.
    public var startsAutomatically: Bool

    /// True if the application's start waits for the service, and the application ends if the service stays down.
    ///
    /// It has no effect if ``startsAutomatically`` is false. A service that a required one needs also counts as
    /// required.
    public var isRequired: Bool

    /// The longest time until an attempt is ready; nil for the default, which depends on the role of the service.
    public var startTimeout: Duration?

    /// The longest time that the stop of the service may take; nil for the default, which depends on the role of the
    /// service.
    ///
    /// The stop of the whole application always has a limit.
    public var stopTimeout: Duration?

    /// The time for which a service must have been ready, so that its next failure counts as the first one.
    public var stableThreshold: Duration

    /// The rules for restarts after a failure.
    public var restart: RestartPolicy

    /// The services that must be ready, or completed, before this one starts.
    ///
    /// They take precedence over the roles.
    public var requirements: [Requirement]

    /// The name of the block.
    package static let block = "lifecycle"

    /// The name of ``autoStartField`` in the block.
    static let autoStart = "auto_start"

    /// The path of the field that says whether the service starts with the application.
    public static let autoStartField = "\(block).\(autoStart)"

    /// The path of the field with the services that must be ready first.
    static let requirementsField = "\(block).requires"

    /// Reads the `lifecycle` block of an entry.
    public init(from fields: inout FieldReader) {
        startsAutomatically = fields.optional(
            Self.autoStartField, default: false,
            "Whether the service starts with the application. If not, it starts only if another service needs it.")
        isRequired =
            fields.optional(
                "\(Self.block).startup", default: Startup.required,
                "required: the start waits for the service, and the application ends if the service stays down. "
                    + "optional: the start does not wait, and the application goes on. An optional service that a "
                    + "required one needs counts as required.") == .required
        startTimeout = fields.optional(
            "\(Self.block).start_timeout", in: .millisecondToDay,
            defaultsTo: "\(Self.usualLimit.written); no limit for a \(Self.words(for: Self.startingWithoutLimit))",
            "The longest time that one attempt may take to become ready.")
        stopTimeout = fields.optional(
            "\(Self.block).stop_timeout", in: .zeroToDay,
            defaultsTo: "\(Self.usualLimit.written); for a \(Self.words(for: Self.stoppingWithoutLimit)) as long as "
                + "'shutdown.timeout' allows",
            "The longest time that the service's stop may take.")
        stableThreshold = fields.optional(
            "\(Self.block).stable_threshold", default: .seconds(5), in: .zeroToDay,
            "If the service was ready for at least this time, its next failure counts as the first again.")
        restart = RestartPolicy(from: &fields)
        requirements =
            fields.list(
                Self.requirementsField, shortFor: "id",
                "The services that must be ready, or completed, before this one starts."
            ) {
                Requirement(from: &$0)
            }
            + fields.list(
                "\(Self.block).depends_on", shortFor: "id", "The older name of '\(Self.requirementsField)'."
            ) {
                Requirement(from: &$0)
            }
        fields.ignored("\(Self.block).security", because: "security policies are not enforced yet")
    }

    /// The default limit of a start and of a stop, for the roles that have one.
    private static let usualLimit = Duration.seconds(10)

    /// The roles without a limit for the start: a process may migrate for an hour.
    private static let startingWithoutLimit: [ServiceRole] = [.process]

    /// The roles without a limit for the stop: services finish the work that they have accepted.
    private static let stoppingWithoutLimit: [ServiceRole] = [.consumer, .server]

    private static func words(for roles: [ServiceRole]) -> String { roles.map { "\($0)" }.joined(separator: " or ") }

    /// Returns the longest time until an attempt of a service of the role is ready; nil if there is no limit.
    func startLimit(of role: ServiceRole) -> Duration? {
        startTimeout ?? (Self.startingWithoutLimit.contains(role) ? nil : Self.usualLimit)
    }

    /// Returns the longest time that a service of the role may take to stop; nil for as long as there is time.
    func stopLimit(of role: ServiceRole) -> Duration? {
        stopTimeout ?? (Self.stoppingWithoutLimit.contains(role) ? nil : Self.usualLimit)
    }

    private enum Startup: String, FieldChoice {
        case required, optional
    }
}

/// Another service that must reach a state before this service starts.
public struct Requirement: Sendable, Hashable {
    /// The state to wait for.
    public enum Condition: String, FieldChoice, Sendable {
        /// The service is ready, so that other services can rely on it, or it has completed.
        case ready
        /// The service has ended by itself with success, for example a migration.
        case completed
    }

    /// The id of the service to wait for.
    public let id: EntryID

    /// The state to wait for.
    public let condition: Condition

    /// Creates a requirement.
    public init(id: EntryID, condition: Condition) {
        self.id = id
        self.condition = condition
    }

    /// Reads an element of `lifecycle.requires`.
    init(from fields: inout FieldReader) {
        id = fields.reference("id", "The service to wait for.")
        condition = fields.optional(
            "condition", default: .ready,
            "The state to wait for. completed: the service has ended by itself with success.")
    }
}

extension LifecyclePolicy {
    /// The fields of the `lifecycle` block.
    public static var descriptions: [FieldDescription] {
        var fields = FieldReader()
        _ = LifecyclePolicy(from: &fields)
        return fields.descriptions
    }
}
