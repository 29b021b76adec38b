public import WippyDefinition
import WippyText

/// A field of a queue, for the list ``QueueDriver/queueFieldsBuiltAnew`` of a driver.
///
/// `Options` is the type of the driver's options.
public struct QueueField<Options: EntryConfig>: Sendable {
    /// The fields of a queue in one plan.
    struct Values {
        let id: EntryID
        let driver: EntryID
        let settings: QueueSettings
        let options: Options
    }

    private let name: String
    private let isOption: Bool
    private let haveOneValue: @Sendable (Values, Values) -> Bool

    private init<Value: Equatable & Sendable>(
        _ name: String, isOption: Bool = false, _ value: @escaping @Sendable (Values) -> Value
    ) {
        self.name = name
        self.isOption = isOption
        haveOneValue = { value($0) == value($1) }
    }

    /// The field `driver`, for queues that cannot go over to another driver of the same type.
    public static var driver: Self { Self(QueueSettings.driverField) { $0.driver } }

    /// The field `queue_name`, whose default is the entry's id.
    public static var name: Self {
        Self(QueueSettings.nameField) { ExactText($0.settings.name ?? $0.id.description) }
    }

    /// Returns another field of the queue's settings.
    ///
    /// - Parameters:
    ///   - path: the path of the field, such as `codec`. If a queue has no such field, it is an error of the program.
    ///   - value: returns its value.
    public static func setting<Value: Equatable & Sendable>(
        _ path: String, _ value: @escaping @Sendable (QueueSettings) -> Value
    ) -> Self {
        Self(path) { value($0.settings) }
    }

    /// Returns a field of the driver's options.
    ///
    /// - Parameters:
    ///   - path: the path of the field below the driver's name, such as `max_length`. If there is no such option, it is
    ///     an error of the program.
    ///   - value: returns its value.
    public static func option<Value: Equatable & Sendable>(
        _ path: String, _ value: @escaping @Sendable (Options) -> Value
    ) -> Self {
        Self(path, isOption: true) { value($0.options) }
    }

    /// Returns the path of the field in a queue.
    ///
    /// - Parameter optionsPath: the path of the driver's options.
    package func path(withOptionsAt optionsPath: String) -> String { isOption ? "\(optionsPath).\(name)" : name }

    /// Returns true if a queue has the same value of the field in two plans.
    func hasOneValue(in old: Values, and new: Values) -> Bool { haveOneValue(old, new) }
}
