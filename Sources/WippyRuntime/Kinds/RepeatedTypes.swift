public import WippyText

/// Describes several types that are registered under one name, with advice.
///
/// For example, `twice, as App.A and App.B; give each a name of its own`.
public struct RepeatedTypes: CustomStringConvertible {
    /// The description as text.
    public let description: String

    /// Creates the description of types that have the same name.
    public init(_ types: [Any.Type]) {
        let names = types.map { String(reflecting: $0) }
        let times = Self.times(names.count)
        let isOne = Set(names).count == 1
        description =
            isOne
            ? "\(times), as \(names[0]); list it once"
            : "\(times), as \(names.joined(separator: " and ")); give each a name of its own"
    }

    /// Returns one error sentence for each name that several elements of a list share, sorted by name.
    ///
    /// - Parameters:
    ///   - what: the word for an element of the list, such as `kind`.
    ///   - list: the names, and the types that have them.
    public static func mistakes(of what: String, in list: [(name: ExactText, type: Any.Type)]) -> [String] {
        Dictionary(grouping: list, by: \.name).sorted { $0.key < $1.key }.compactMap { name, listed in
            listed.count < 2 ? nil : "the \(what) '\(name)' is listed \(RepeatedTypes(listed.map(\.type)))"
        }
    }

    /// Returns one error sentence for each name that is several times in a list, sorted by name.
    ///
    /// - Parameters:
    ///   - what: the word for an element of the list, such as `Lua module`.
    ///   - names: the names of elements that have no types of their own.
    public static func mistakes(of what: String, in names: [ExactText]) -> [String] {
        Dictionary(grouping: names) { $0 }.sorted { $0.key < $1.key }.compactMap { name, listed in
            listed.count < 2
                ? nil : "the \(what) '\(name)' is listed \(times(listed.count)); give each a name of its own"
        }
    }

    /// Returns the types of a list, each once.
    ///
    /// - Parameters:
    ///   - list: the types.
    ///   - type: returns the type itself for an element of the list.
    package static func once<Listed>(_ list: [Listed], _ type: (Listed) -> Any.Type) -> [Listed] {
        var found: Set<ObjectIdentifier> = []
        return list.filter { found.insert(ObjectIdentifier(type($0))).inserted }
    }

    private static func times(_ count: Int) -> String { count == 2 ? "twice" : "\(count) times" }
}
