/// The config of an entry that keeps its data in a file.
public protocol FileConfig: Sendable {
    /// The path of the file; nil if the data are in memory.
    var file: String? { get }
}
