/// The modules and limits that several states share.
///
/// Create it once, and create states from it.
public final class LuaEnvironment: Sendable {
    /// The limits of a state and of each of its calls.
    public struct Limits: Sendable, Equatable {
        /// The largest number of bytes that a state may hold.
        ///
        /// A smaller value than ``leastMemory`` counts as ``leastMemory``.
        ///
        /// With its garbage, a state may hold more for a while. If a script reaches four times the limit, its call
        /// fails, and the state becomes unusable. Default: 64 MiB.
        public var memory = 64 << 20
        /// The longest processor time for which a call may run without waiting.
        ///
        /// The engine checks the limit each time the call has run for 10 ms. Default: one second.
        public var run: Duration = .seconds(1)

        /// The smallest limit for the memory of a state, in bytes: 1 MiB.
        public static let leastMemory = 1 << 20

        /// Creates the default limits.
        public init() {}
    }

    /// The limits of each state.
    public let limits: Limits
    let modules: [LuaModule]
    let refuseChange: HostFunction
    let lengthOfReadOnly: HostFunction
    let findGlobal: HostFunction
    let print: @Sendable (LuaStack, String) -> Void

    /// Creates an environment.
    ///
    /// - Parameters:
    ///   - modules: the modules that scripts can use in addition to the standard libraries. Default: none.
    ///   - limits: the limits of each state. Default: the default limits.
    ///   - print: receives each text that a script prints, on the thread that runs the script. The stack gives the
    ///     state and, with ``LuaStack/place(level:)``, the caller.
    public init(
        modules: [LuaModule] = [], limits: Limits = Limits(), print: @escaping @Sendable (LuaStack, String) -> Void
    ) {
        self.limits = limits
        self.modules = modules
        self.print = print
        refuseChange = HostFunction("__newindex") { _ in throw LuaRaise("attempt to modify Immutable table") }
        lengthOfReadOnly = HostFunction("__len") { stack in stack.give(stack.length(at: 1)) }
        findGlobal = HostFunction("__index") { stack in
            guard let name = stack.string(at: 2), stack.state.pushModule(name, on: stack) else { return .none }
            return .one
        }
    }
}
