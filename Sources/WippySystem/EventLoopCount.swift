/// The number of event loops that one program may have.
public enum EventLoopCount {
    /// The allowed numbers: from 1 to 1024.
    public static let range = 1...1024
}
