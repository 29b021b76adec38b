import LuaEngine
import WippyLua
import WippyMessaging
import WippyRuntime

/// Handles messages by calls of a function in Lua.
struct LuaMessageFunction: MessageFunction {
    private let function: LuaFunction

    init(_ function: LuaFunction) {
        self.function = function
    }

    /// Handles a message.
    ///
    /// The message is acknowledged if the script ends without an error and does not return false. If the script has
    /// acknowledged or rejected the message itself, only that counts.
    ///
    /// - Throws: an error when the message is not acknowledged.
    func handle(_ delivery: Delivery) async throws {
        let handled = HandledDelivery(delivery)
        let failure: (any Error)?
        do {
            let isHandled = try await function.call(for: handled) { stack in
                try stack.push(delivery.message.body)
                return 1
            } results: { stack in
                !(stack.type(at: 1) == .boolean && !stack.isTrue(at: 1))
            }
            failure = isHandled ? nil : WippyError(.internal, "the script returned false")
        } catch {
            failure = error
        }
        switch handled.release() {
        case nil: if let failure { throw failure }
        case true?: return
        case false?: throw failure ?? WippyError(.internal, "the script rejected the message")
        }
    }
}
