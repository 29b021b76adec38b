import Synchronization
public import WippyText

/// The text that a variable had when the project was read.
public struct VariableValue: Sendable {
    /// The text; nil if neither the storage nor the entry has one.
    public let text: String?

    /// The place of the text, or of the declaration if there is no text.
    public let place: Location

    /// True if the text is a secret.
    public let isSecret: Bool

    /// Creates the value of a variable.
    public init(text: String?, place: Location, isSecret: Bool) {
        self.text = text
        self.place = place
        self.isSecret = isSecret
    }
}

extension VariableValue: Equatable {
    /// Returns true if both have the same text, and both or neither are secret.
    ///
    /// The places may differ.
    public static func == (left: VariableValue, right: VariableValue) -> Bool {
        left.text.map { ExactText($0) } == right.text.map { ExactText($0) } && left.isSecret == right.isSecret
    }
}

extension VariableValue: CustomStringConvertible, CustomReflectable {
    /// `a secret` for a secret variable; otherwise the text, or `nothing` if there is none.
    public var description: String { isSecret ? "a secret" : text ?? "nothing" }

    /// A mirror that shows only the description.
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }
}

/// The component of a storage of variables.
public struct VariableStorage: Sendable {
    /// The texts that code has set; nil if code cannot set texts in this storage.
    public let written: WrittenVariables?

    /// Creates the component of a storage.
    public init(_ written: WrittenVariables? = nil) {
        self.written = written
    }
}

/// The texts of variables that code has set, by their names in the storage.
public final class WrittenVariables: Sendable {
    private let texts = Mutex<[ExactText: String]>([:])

    /// Creates an object without texts.
    public init() {}

    /// The text of a variable that code has set; nil if code has set none.
    ///
    /// You can use it from any thread.
    public subscript(name: ExactText) -> String? {
        get { texts.withLock { $0[name] } }
        set { texts.withLock { $0[name] = newValue } }
    }
}

extension Contract where Offered == VariableStorage {
    /// The contract of a storage of variables.
    public static var variableStorage: Contract { Contract("a storage of variables") }
}
