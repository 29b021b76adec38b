import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyText

/// Finds two drivers with the same name, drivers whose kind is not a `QueueDriverKind`, and queues that have a driver
/// although their config is not a `QueueConfig`.
///
/// The options of two drivers with one name could not be told apart. Without the right kind, a driver's queues would
/// have no options, and nothing would check them. Without the right config, no driver would find the queue.
struct QueueCheck: FamilyCheck {
    func mistakes(in program: Program) -> [String] {
        RepeatedTypes.mistakes(
            of: "queue driver", in: program.kinds.queueDrivers.map { (ExactText($0.driverName), $0) })
            + program.mistakes(ofKindsOffering: .queueDriver, demand: "it must be a QueueDriverKind") {
                $0.kind is any QueueDriverKind
            }
            + program.mistakes(
                ofKindsOffering: .queue, demand: "its config, which names a driver, must be a QueueConfig"
            ) { entry in
                let namesDriver = entry.fields.contains { $0.form == .id(of: Contract.queueDriver.words) }
                return !namesDriver || entry.config is any QueueConfig
            }
    }
}
