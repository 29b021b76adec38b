/// The number of event loops that a group may have, and that `runtime.loops` may set.
public enum EventLoopCount {
    /// The allowed numbers: from 1 to 1024.
    public static let range = 1...1024
}
