import Synchronization
public import WippyText

/// The text that a variable had when the project was read.
public struct VariableValue: Sendable {
    /// The text; nil if the variable has none.
    public let text: String?

    /// The place of the text, or of the declaration if there is no text.
    public let place: Location

    /// True if the text is a secret.
    public let isSecret: Bool

    /// The storage that had the text; nil if the text is the default, or is from the process's environment.
    let storage: EntryID?

    /// Creates the value of a variable.
    public init(text: String?, place: Location, isSecret: Bool) {
        self.init(text: text, place: place, isSecret: isSecret, storage: nil)
    }

    init(text: String?, place: Location, isSecret: Bool, storage: EntryID?) {
        self.text = text
        self.place = place
        self.isSecret = isSecret
        self.storage = storage
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

    /// The other storages that this storage asks, in order; empty for a storage with texts of its own.
    private let others: [(id: EntryID, storage: VariableStorage)]

    /// Creates the component of a storage.
    public init(_ written: WrittenVariables? = nil) {
        self.written = written
        others = []
    }

    /// Creates the component of a storage that asks other storages, in this order.
    ///
    /// Code sets texts in the first storage of the list that allows it.
    public init(asking storages: [(id: EntryID, storage: VariableStorage)]) {
        written = storages.lazy.compactMap(\.storage.written).first
        others = storages
    }

    /// Returns the text that a variable has now; nil if it has none.
    ///
    /// A storage that asks other storages asks them in order. In each of those, a text that code has set takes
    /// precedence over a text that the storage had when the project was read.
    ///
    /// - Parameters:
    ///   - name: the variable's name in the storage.
    ///   - id: the id of this storage.
    ///   - value: the value that the variable had when the project was read.
    public func text(of name: ExactText, in id: EntryID, or value: VariableValue) -> String? {
        found(name, in: id, value) ?? value.text
    }

    private func found(_ name: ExactText, in id: EntryID, _ value: VariableValue) -> String? {
        guard others.isEmpty else {
            for (id, storage) in others {
                if let text = storage.found(name, in: id, value) { return text }
            }
            return nil
        }
        return written?[name] ?? (value.storage == id ? value.text : nil)
    }
}

/// The texts of variables that code has set, by their names in the storage.
public final class WrittenVariables: Sendable {
    private let texts = Mutex<[ExactText: String]>([:])

    /// Creates an object without texts.
    public init() {}

    /// The text of a variable that code has set; nil if code has set none.
    ///
    /// An empty text counts as none. You can use the subscript from any thread.
    public subscript(name: ExactText) -> String? {
        get { texts.withLock { $0[name] } }
        set { texts.withLock { $0[name] = newValue?.isEmpty == true ? nil : newValue } }
    }
}

extension Contract where Offered == VariableStorage {
    /// The contract of a storage of variables.
    public static var variableStorage: Contract { Contract("a storage of variables") }
}
