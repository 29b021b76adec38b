/// A Swift function that scripts can call.
final class HostFunction: Sendable {
    let name: String
    let body: LuaBody

    /// What tools know of the function.
    let traits: [any LuaFunctionTrait]

    /// True if the function always fails because it does not work yet.
    let isAbsent: Bool

    init(_ name: String, traits: [any LuaFunctionTrait] = [], _ body: @escaping LuaBody) {
        (self.name, self.traits, self.body, isAbsent) = (name, traits, body, false)
    }

    /// Creates a function that does not work yet.
    ///
    /// - Parameters:
    ///   - name: the function's name.
    ///   - holder: the module or type that has the function, and the sign between both, such as `process.`.
    init(absent name: String, of holder: String) {
        (self.name, traits, isAbsent) = (name, [], true)
        body = { stack in
            stack.fail(LuaError(kind: "Invalid", "\(holder)\(name) is not supported yet", retryable: false))
        }
    }
}
