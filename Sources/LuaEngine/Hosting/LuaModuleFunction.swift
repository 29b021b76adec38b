/// A function of a module, or a method of an object that such a function returns, for tools that read scripts.
public struct LuaModuleFunction: Sendable {
    /// The function as scripts call it, without the name of the module: `send`, `registry.lookup`, `new():call`.
    public let path: String

    private let function: HostFunction

    init(_ path: String, _ function: HostFunction) {
        (self.path, self.function) = (path, function)
    }

    /// The last name in the path, such as `call`.
    public var name: String { function.name }

    /// True if the function always fails because it does not work yet.
    public var isAbsent: Bool { function.isAbsent }

    /// The traits of the function.
    public var traits: [any LuaFunctionTrait] { function.traits }
}
