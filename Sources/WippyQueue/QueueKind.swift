import WippyDefinition
import WippyMessaging
import WippyRuntime

/// `queue.queue`: keeps messages in its driver until a handler has done its work.
struct QueueKind: EntryKind {
    static let name: KindName = "queue.queue"
    static let summary =
        "Keeps messages until a handler has done its work. If the handler fails, the message is tried again."

    static let whenChanged: String? =
        "If the driver cannot make a change in place, the queue is built anew, and its messages move to the new queue. "
        + "If they cannot move, as with some drivers of your own, the reload is refused while the queue holds "
        + "messages, unless a reload may discard them."

    static let metrics = MeasuredQueue.metrics

    /// Returns a sentence about each of the program's drivers that makes changes in place, and then the kind's own
    /// note.
    func whenChanged(in program: Program) -> String? {
        [QueueSetup.whenChanged(in: program), Self.whenChanged].compactMap { $0 }.joined(separator: " ")
    }

    struct Config: QueueConfig, Equatable {
        let setup: QueueSetup
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(setup: QueueSetup(from: &fields, in: program))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<any MessageQueue>] { .queue { $0 } }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<any MessageQueue> {
        .component(try entry.config.setup.makeQueue(with: context))
    }

    func update(
        _ built: Built<any MessageQueue>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let queue = built.component else { return nil }
        return try entry.config.setup.update(queue, from: old.config.setup, with: context)
    }
}
