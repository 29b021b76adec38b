/// The standard streams of the program, for a process on a terminal host.
public protocol Terminal: Sendable {
    /// The arguments after the command on the command line.
    var arguments: [String] { get }

    /// Writes bytes to standard output, or to standard error. Returns when the system has taken them.
    ///
    /// - Throws: ``WippyError`` of kind `Internal` when the stream is closed.
    func write(_ bytes: [UInt8], toError isError: Bool) async throws

    /// Reads available bytes from standard input, and waits until there are some.
    ///
    /// - Parameter count: how many bytes at most, from 1 on.
    /// - Returns: no bytes at the end of the input.
    /// - Throws: `CancellationError` when the task is cancelled. Bytes that arrive then are lost.
    func read(atMost count: Int) async throws -> [UInt8]

    /// Reads a line from standard input, without its end.
    ///
    /// - Returns: nil at the end of the input.
    func readLine() async throws -> [UInt8]?
}
