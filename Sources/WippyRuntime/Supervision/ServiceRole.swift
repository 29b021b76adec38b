/// When a service starts and stops among the others.
///
/// Services start rank by rank: a service waits for every required one of a lower rank. They stop in the reverse order,
/// where `StopOrder` leaves a choice. References between entries take precedence.
public enum ServiceRole: Int, Sendable, Comparable, CaseIterable {
    /// Others rely on it: a database, a queue driver, a process host.
    case resource
    /// Code that runs by itself: a migration, a worker. There is no limit on the time until it is ready.
    case process
    /// Takes work from a queue.
    case consumer
    /// Takes work from outside.
    case server

    /// Orders by rank.
    public static func < (left: ServiceRole, right: ServiceRole) -> Bool { left.rawValue < right.rawValue }
}
