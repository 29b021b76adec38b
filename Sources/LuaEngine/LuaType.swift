/// What a value of Lua's is.
public enum LuaType: Int32, Sendable {
    /// No value: a position past the top.
    case none = -1
    case `nil`, boolean, lightUserdata, number, string, table, function, userdata, thread

    /// Lua's word.
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
