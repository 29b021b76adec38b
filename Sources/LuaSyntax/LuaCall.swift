public import WippyText

/// A call that names a function of a module, or a global function: `json.encode(value)`.
public struct LuaCall: Sendable, Equatable {
    /// The called function, with the name of its module, as in ``LuaLiteralCall/function``.
    public let function: String

    /// The name of the module, or of the global function: the part of ``function`` before the first `.`, `:` or `(`.
    public var module: ExactText { Self.module(of: function) }

    /// The part of a function's name before the first sign.
    static func module(of function: String) -> ExactText {
        ExactText(String(function.unicodeScalars.prefix { $0 != "." && $0 != ":" && $0 != "(" }))
    }

    /// The place of the expression before the arguments.
    public let location: LuaLocation
}
