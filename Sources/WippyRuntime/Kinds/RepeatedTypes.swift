/// Says which types share a name that only one can have: `twice, as App.A and App.B`.
public struct RepeatedTypes: CustomStringConvertible {
    /// The words.
    public let description: String

    /// Describes types that share a name.
    public init(_ types: [Any.Type]) {
        let names = types.map { String(reflecting: $0) }
        let times = names.count == 2 ? "twice" : "\(names.count) times"
        let isOne = Set(names).count == 1
        description =
            isOne
            ? "\(times), as \(names[0]); list it once"
            : "\(times), as \(names.joined(separator: " and ")); give each a name of its own"
    }
}
