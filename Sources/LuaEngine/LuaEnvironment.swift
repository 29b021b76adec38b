/// What the states of a function have in common, their modules and limits: make it once, and states from it.
public final class LuaEnvironment: Sendable {
    /// The bounds of a state and of each of its calls.
    public struct Limits: Sendable {
        /// How many bytes a state may hold.
        ///
        /// A quarter more may stand in garbage; at four times as many the state is lost.
        public var memory = 64 << 20
        /// How long a call may run without waiting for anything.
        public var run: Duration = .seconds(1)

        /// 64 MiB and one second.
        public init() {}
    }

    /// The bounds.
    public let limits: Limits
    let modules: [LuaModule]
    let refuseChange: HostFunction
    let lengthOfReadOnly: HostFunction
    let findGlobal: HostFunction
    let print: @Sendable (LuaStack, String) -> Void

    /// - Parameters:
    ///   - modules: what scripts reach beside the standard libraries.
    ///   - limits: how much memory and time each state may take.
    ///   - print: what `print` does with its line; the stack tells the state and, with ``LuaStack/place(level:)``, who
    ///     calls.
    public init(
        modules: [LuaModule] = [], limits: Limits = Limits(), print: @escaping @Sendable (LuaStack, String) -> Void
    ) {
        self.limits = limits
        self.modules = modules
        self.print = print
        refuseChange = HostFunction("__newindex") { _ in throw LuaRaise("attempt to modify Immutable table") }
        lengthOfReadOnly = HostFunction("__len") { stack in stack.give(stack.length(at: stack.fields(at: 1).index)) }
        findGlobal = HostFunction("__index") { stack in
            guard let name = stack.string(at: 2), stack.state.pushModule(name, on: stack) else { return .none }
            return .one
        }
    }
}
