/// A durable queue that an operator can inspect and change.
///
/// The command `queue` calls these methods, even if the application does not run. In that case, the driver's own
/// service does not run either. Only the services that the driver needs are running, such as a database.
public protocol AdministeredQueue: MessageQueue {
    /// Returns the messages that workers would get next, followed by the delayed messages.
    ///
    /// The messages stay in the queue, and the call does not count as an attempt.
    ///
    /// - Parameter most: the largest number of messages to return, at least 0.
    /// - Throws: the driver's error.
    func peek(atMost most: Int) async throws -> [QueuedMessage]

    /// Moves ready dead letters back to the queues from which they came, and makes delayed messages ready at once.
    ///
    /// A dead letter stays if another driver keeps the queue from which it came. The attempts of a dead letter that
    /// moves are counted from zero again. Delayed messages keep their attempts.
    ///
    /// - Parameter most: the largest number of messages to change, at least 0.
    /// - Returns: the number of changed messages.
    /// - Throws: the driver's error. Some messages may have been changed before it.
    func retry(atMost most: Int) async throws -> Int

    /// Removes every message that no worker has claimed. The room is then free for publishers that wait.
    ///
    /// A driver may remove the messages of a long queue in several steps, so that other calls need not wait for long.
    ///
    /// - Returns: the number of removed messages.
    /// - Throws: the driver's error. Some messages may have been removed before it.
    func purge() async throws -> Int

    /// Pauses the queue until ``resume()``. Publishers are not affected.
    ///
    /// During the pause, workers claim no messages. For claims that are under way, and in other processes, the pause
    /// begins a little later. It continues after a restart.
    ///
    /// - Throws: the driver's error.
    func pause() async throws

    /// Ends the pause.
    ///
    /// - Throws: the driver's error.
    func resume() async throws
}
