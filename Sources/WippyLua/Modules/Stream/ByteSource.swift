/// The source of a stream's bytes.
///
/// A ``ScriptStream`` asks for one piece at a time.
public protocol ByteSource: Sendable {
    /// The total number of bytes; nil if it is not known.
    var count: Int? { get }

    /// Returns the next piece, which is not empty; nil at the end.
    func next() async throws -> [UInt8]?
}
