public import WippyDefinition
public import WippyRuntime

/// A further contract that every function in Lua offers, unless a Swift handler replaces its code.
///
/// Without it, a function in Lua offers the contracts of a function and of a library.
///
/// A target that knows a family of kinds adds the offer to the program's list of kinds. For example, the functions of
/// this program can answer the requests of a family of your own:
///
/// ```swift
/// struct LuaResponder: Responder {
///     let function: LuaFunction
///
///     func respond(to request: Request) async throws -> String {
///         try await function.call(for: request) { stack in
///             stack.push(request.text)
///             return 1
///         } results: { stack in
///             stack.string(at: 1) ?? ""
///         }
///     }
/// }
///
/// let offer = LuaFunctionOffer(.responder) { LuaResponder(function: $0) }
/// ```
public struct LuaFunctionOffer: ProgramAddition {
    let contract: AnyContract
    let offer: Offer<LuaFunction>

    /// Offers functions in Lua under a contract.
    ///
    /// - Parameters:
    ///   - contract: the contract. It is a mistake of the program to offer one twice. `.function` is offered without an
    ///     addition.
    ///   - view: turns a function in Lua into the contract's type.
    public init<Offered: Sendable>(
        _ contract: Contract<Offered>, _ view: @escaping @Sendable (LuaFunction) -> Offered
    ) {
        self.contract = contract.erased
        offer = Offer(contract, view)
    }

    /// The offer itself.
    public var added: LuaFunctionOffer { self }
}
