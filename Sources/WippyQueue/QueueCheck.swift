import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyText

/// Finds two drivers with the same name, drivers whose kind is not a `QueueDriverKind`, queues that have a driver
/// although their config is not a `QueueConfig`, and drivers that name a field that no queue has.
///
/// The options of two drivers with one name could not be told apart. Without the right kind, a driver's queues would
/// have no options, and nothing would check them. Without the right config, no driver would find the queue.
struct QueueCheck: FamilyCheck {
    func mistakes(in program: Program) -> [String] {
        var fields = FieldReader()
        _ = QueueSetup(from: &fields, in: program)
        let paths = fields.descriptions.map(\.path)
        return mistakesInTypes(of: program) + program.kinds.queueDrivers.flatMap { $0.mistakes(among: paths) }
    }

    private func mistakesInTypes(of program: Program) -> [String] {
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

extension QueueDriverKind {
    /// Returns an error for each field in `queueFieldsBuiltAnew` that no queue has.
    ///
    /// - Parameter paths: the paths of the fields of a queue.
    fileprivate static func mistakes(among paths: [String]) -> [String] {
        (Component.queueFieldsBuiltAnew ?? []).map { $0.path(withOptionsAt: optionsPath) }.filter { path in
            !paths.contains { ExactText.areEqual($0, path) || $0.hasExactPrefix("\(path).") }
        }.map { path in
            "the queue driver '\(driverName)' (\(String(reflecting: Self.self))) names the field '\(path)' in "
                + "'queueFieldsBuiltAnew', but a queue has no such field"
                + Spelling.suggestion(Spelling.nearest(to: path, among: paths))
        }
    }
}
