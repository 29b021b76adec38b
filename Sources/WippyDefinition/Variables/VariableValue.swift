import Synchronization
public import WippyText

/// The text of a variable, as it was when the project was read.
public struct VariableValue: Sendable {
    /// The text; nil if neither its storage nor its entry has one.
    public let text: String?

    /// Where the text stands; where it is declared if there is none.
    public let place: Location

    /// Whether nothing may show it.
    public let isSecret: Bool

    /// Creates the value.
    public init(text: String?, place: Location, isSecret: Bool) {
        self.text = text
        self.place = place
        self.isSecret = isSecret
    }
}

extension VariableValue: Equatable {
    /// Whether both have the same text, wherever it stands.
    public static func == (left: VariableValue, right: VariableValue) -> Bool {
        left.text.map { ExactText($0) } == right.text.map { ExactText($0) } && left.isSecret == right.isSecret
    }
}

extension VariableValue: CustomStringConvertible, CustomReflectable {
    /// The text, unless it is a secret.
    public var description: String { isSecret ? "a secret" : text ?? "nothing" }

    /// Nothing that the description does not show.
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }
}

/// What an entry offers that holds the texts of variables; they have been read when the project was.
public struct VariableStorage: Sendable {
    /// What code has set; nil for a storage in which it can set nothing.
    public let written: WrittenVariables?

    /// Creates it.
    public init(_ written: WrittenVariables? = nil) {
        self.written = written
    }
}

/// The texts of variables that code has set, by the names under which their storage has them.
public final class WrittenVariables: Sendable {
    private let texts = Mutex<[ExactText: String]>([:])

    /// Creates it without any.
    public init() {}

    /// The text that code has set; nil if it has set none.
    public subscript(name: ExactText) -> String? {
        get { texts.withLock { $0[name] } }
        set { texts.withLock { $0[name] = newValue } }
    }
}

extension Contract where Offered == VariableStorage {
    /// Something that holds the texts of variables.
    public static var variableStorage: Contract { Contract("a storage of variables") }
}
