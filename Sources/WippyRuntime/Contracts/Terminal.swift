/// The standard streams of the program, for a process on a `terminal.host`.
public protocol Terminal: Sendable {
    /// The arguments of the terminal. A `terminal.host` has none.
    ///
    /// A command gets the arguments from the command line as the ``ProcessContext/input`` of its process.
    var arguments: [String] { get }

    /// Writes bytes to standard output or standard error, and returns when the system has taken them.
    ///
    /// - Throws: ``WippyError`` of kind `Internal` when the system refuses the bytes, for example because the stream is
    ///   closed; ``WippyError`` of kind `Unavailable` when the system has no thread for the wait; `CancellationError`
    ///   when the call must wait, and the task is cancelled before or meanwhile. Then the bytes may still be written.
    func write(_ bytes: [UInt8], toError isError: Bool) async throws

    /// Reads bytes from standard input, and waits until some are available.
    ///
    /// - Parameter count: the largest number of bytes to read, at least 1.
    /// - Returns: the bytes; an empty array at the end of the input.
    /// - Throws: ``WippyError`` of kind `Internal` when the input cannot be read, for example because it is closed;
    ///   ``WippyError`` of kind `Unavailable` when the system has no thread for the wait; `CancellationError` when the
    ///   task is cancelled while the call waits. Bytes that arrive for the cancelled call are lost.
    func read(atMost count: Int) async throws -> [UInt8]

    /// Reads a line from standard input, and returns it without its line break.
    ///
    /// - Returns: the line; nil at the end of the input.
    /// - Throws: the same errors as ``read(atMost:)``; ``WippyError`` of kind `Invalid` when more than 1 MiB was read
    ///   without the end of the line.
    func readLine() async throws -> [UInt8]?
}
