public import WippyCommandLine
import WippyQueueCommand
import WippyVerification

extension Array where Element == any Command.Type {
    /// The standard commands of wippy-swift, beside the general ones: `queue` and `verify`.
    public static var standard: [any Command.Type] { QueueCommands.all + VerificationCommands.all }
}
