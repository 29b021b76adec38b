/// Where a process of a terminal host reads and writes: the standard streams of the program.
public protocol Terminal: Sendable {
    /// What stood behind the command on the command line.
    var arguments: [String] { get }

    /// Writes bytes to standard output, or to standard error; returns when the system has taken them.
    ///
    /// - Throws: ``WippyError`` of kind `Internal` when the stream is closed.
    func write(_ bytes: [UInt8], toError isError: Bool) async throws

    /// Reads from standard input what is there, and waits until something is.
    ///
    /// - Parameter count: how many bytes at most, from 1 on.
    /// - Returns: nothing at the input's end.
    /// - Throws: `CancellationError` when the task is cancelled; what comes then is lost.
    func read(atMost count: Int) async throws -> [UInt8]

    /// Reads from standard input up to the end of a line, which is left out.
    ///
    /// - Returns: nil at the input's end.
    func readLine() async throws -> [UInt8]?
}
