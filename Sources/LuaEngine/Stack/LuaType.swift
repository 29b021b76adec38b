/// The type of a Lua value.
public enum LuaType: Int32, Sendable {
    /// No value: the position is past the top.
    case none = -1
    case `nil`, boolean, lightUserdata, number, string, table, function, userdata, thread

    /// The type's name in Lua, such as "nil" or "table"; "no value" for `none`.
    public var name: String {
        switch self {
        case .none: "no value"
        case .nil: "nil"
        case .boolean: "boolean"
        case .lightUserdata, .userdata: "userdata"
        case .number: "number"
        case .string: "string"
        case .table: "table"
        case .function: "function"
        case .thread: "thread"
        }
    }
}
