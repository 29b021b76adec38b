public import LuaEngine
import WippyLua
public import WippyMessaging
import WippyText
import WippyValues

extension LuaStack {
    /// Makes a message from a script's arguments, and calls `body` with the message.
    ///
    /// The arguments are the message's body and a table of its headers.
    ///
    /// If the message's body cannot be copied, or if its copy is null or an empty map, the method does not call `body`.
    /// Then the script gets nil and an error of kind `Invalid`.
    ///
    /// A header is left out if its name is not a string or begins with `x_`, or if its value is not a string, a number
    /// or a truth value.
    ///
    /// - Parameters:
    ///   - index: the position of the message's body. The headers are at the next position.
    ///   - body: takes the message, and returns the results of the function.
    /// - Throws: the error of `body`; `LuaRaise` when a header cannot be copied.
    public func withMessage(at index: Int, _ body: (Message) throws -> LuaVerdict) throws -> LuaVerdict {
        try withDataValue(at: index) { data in
            guard !data.isNull, data.map?.isEmpty != true else {
                return fail(.invalid("message data cannot be empty"))
            }
            return try body(Message(body: data, headers: try messageHeaders(at: index + 1)))
        }
    }

    /// Returns the headers of a message: texts, numbers and truth values.
    ///
    /// Headers whose names begin with `x_` are left out, because these names are reserved for the runtime.
    private func messageHeaders(at index: Int) throws(LuaRaise) -> ValueMap {
        var headers = ValueMap()
        guard type(at: index) == .table else { return headers }
        try forEachPair(at: index) { () throws(LuaRaise) in
            guard type(at: -2) == .string, let name = string(at: -2),
                !name.hasExactPrefix(MessageHeader.reservedPrefix)
            else { return }
            switch type(at: -1) {
            case .string, .number, .boolean: headers[name] = try dataValue(at: -1)
            default: return
            }
        }
        return headers
    }
}
