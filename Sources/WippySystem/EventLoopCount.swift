/// The number of event loops that one program may have.
public enum EventLoopCount {
    /// The smallest and the largest number.
    public static let range = 1...1024
}
