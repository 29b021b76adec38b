public import WippyDefinition
public import WippyRuntime

/// An entry that stores the messages of queues: in memory, in a database, at a broker.
public protocol QueueDriver: Sendable {
    /// The fields in each of its queues, under `driver_options` and the driver's name; none by default.
    associatedtype Options: EntryConfig = NoConfig

    /// The type of its queues.
    associatedtype Queue: MessageQueue

    /// Makes the queue of an entry. It is called when the application is built, before the driver's service runs; when
    /// a reload adds a queue, while the service runs; and again with the same id if a queue must be built anew.
    ///
    /// Open nothing here. Whatever can fail for reasons outside the definition files is the task of the driver's
    /// service. ``QueueDriverKind/check(queue:options:)`` reports settings that the driver cannot follow.
    ///
    /// - Throws: an error whose description says what only this call can find.
    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Queue

    /// Prepares to give a queue other settings. Its messages and waiting callers stay. By default this is impossible,
    /// and the queue is built anew.
    ///
    /// Called when a reload changes the queue's entry or its driver. Change nothing here: the returned `Update` is
    /// applied when the plan is put in force.
    ///
    /// - Parameters:
    ///   - queue: a queue of this driver, or of a driver of the same type that this one replaces.
    ///   - settings: the queue's settings.
    ///   - options: the queue's options for this driver.
    ///   - deadLetters: the queue for its dead letters, and after how many attempts a message goes there.
    /// - Returns: nil to have the queue built anew. Then the plan is refused while the old queue holds messages.
    /// - Throws: as ``makeQueue(_:settings:options:deadLetters:)``.
    func update(
        _ queue: Queue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Update?
}

extension QueueDriver {
    /// By default a queue is built anew.
    public func update(
        _ queue: Queue, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) throws -> Update? { nil }
}

extension Contract where Offered == any QueueDriver {
    /// An entry that stores the messages of queues.
    public static var queueDriver: Self { Contract("a queue driver") }
}

/// A kind whose entries are queue drivers.
///
/// `queue.queue` finds such kinds in the program. It reads and checks the options of its driver's kind, and refuses
/// those of other drivers.
public protocol QueueDriverKind: EntryKind where Component: QueueDriver {
    /// The driver's name under `driver_options`; by default the last word of the kind's name.
    static var driverName: String { get }

    /// Finds settings of a queue that the driver cannot follow; by default none.
    ///
    /// - Parameters:
    ///   - queue: the queue's entry. `queue.error("codec", "…")` reports a mistake at the place of a field.
    ///   - options: the queue's fields under ``optionsPath``.
    func check(queue: Entry<QueueSettings>, options: Component.Options) -> [Diagnostic]

    /// Finds mistakes that only all queues of one driver show; by default none. Called with the queues without errors,
    /// in order of id.
    func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic]
}

extension QueueDriverKind {
    /// The last word of the kind's name.
    public static var driverName: String {
        name.description.unicodeScalars.split(separator: ".").last.map { String($0) } ?? ""
    }

    /// A driver that queues can name.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.queueDriver) { $0 }] }

    /// By default there are no mistakes.
    public func check(queue: Entry<QueueSettings>, options: Component.Options) -> [Diagnostic] { [] }

    /// By default there are no mistakes.
    public func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic] { [] }

    /// The options that queues have for the driver.
    public static var fieldsOfOthers: [FieldDescription] {
        var reader = FieldReader()
        _ = readOptions(from: &reader)
        return reader.descriptions
    }

    static func readOptions(from fields: inout FieldReader) -> Component.Options {
        fields.nested(optionsPath) { Component.Options(from: &$0) }
    }

    /// The path of its options in a queue: `driver_options`, a dot and the driver's name.
    public static var optionsPath: String { "driver_options.\(driverName)" }
}
