public import WippyCommandLine
import WippyQueueCommand
import WippyVerification

extension Array where Element == any Command.Type {
    /// The standard commands of wippy-swift: `queue` and `verify`.
    ///
    /// Every program also has the general commands, such as `run`.
    public static var standard: [any Command.Type] { QueueCommands.all + VerificationCommands.all }
}
