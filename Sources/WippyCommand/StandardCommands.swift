public import WippyCommandLine
import WippyQueueCommand
import WippyVerification

extension Array where Element == any Command.Type {
    /// The standard commands of wippy-swift, beside the general ones: those about families of kinds.
    public static var standard: [any Command.Type] { QueueCommands.all + VerificationCommands.all }
}
