import Synchronization
public import WippyText

/// The text of a variable, as it was when the project was read.
public struct VariableValue: Sendable {
    /// The text; nil if neither its storage nor its entry has one.
    public let text: String?

    /// The place of the text, or of the declaration if there is no text.
    public let place: Location

    /// Whether commands, the log and errors hide it.
    public let isSecret: Bool

    /// Creates the value.
    public init(text: String?, place: Location, isSecret: Bool) {
        self.text = text
        self.place = place
        self.isSecret = isSecret
    }
}

extension VariableValue: Equatable {
    /// Whether both have the same text, whatever its place.
    public static func == (left: VariableValue, right: VariableValue) -> Bool {
        left.text.map { ExactText($0) } == right.text.map { ExactText($0) } && left.isSecret == right.isSecret
    }
}

extension VariableValue: CustomStringConvertible, CustomReflectable {
    /// The text, unless it is a secret.
    public var description: String { isSecret ? "a secret" : text ?? "nothing" }

    /// Shows only the description.
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }
}

/// The component of a storage of variables.
///
/// Its texts were read together with the project.
public struct VariableStorage: Sendable {
    /// The texts that code has set; nil if code cannot set any.
    public let written: WrittenVariables?

    /// Creates it.
    public init(_ written: WrittenVariables? = nil) {
        self.written = written
    }
}

/// The texts of variables that code has set, by their names in the storage.
public final class WrittenVariables: Sendable {
    private let texts = Mutex<[ExactText: String]>([:])

    /// Creates it without texts.
    public init() {}

    /// The text that code has set; nil if it has set none.
    public subscript(name: ExactText) -> String? {
        get { texts.withLock { $0[name] } }
        set { texts.withLock { $0[name] = newValue } }
    }
}

extension Contract where Offered == VariableStorage {
    /// A storage of variables.
    public static var variableStorage: Contract { Contract("a storage of variables") }
}
