/// The sort of a service, which decides when the service starts and stops.
///
/// At its first start, a service waits until every required service of a lower rank is ready. A stop begins with the
/// services of the highest rank. References between entries take precedence over the roles. At a stop, uses of queues
/// also take precedence.
public enum ServiceRole: Int, Sendable, Comparable, CaseIterable {
    /// Other services rely on it: a database, a queue driver, a process host.
    case resource
    /// Code that runs by itself, such as a migration. By default, there is no limit on the time until it is ready.
    case process
    /// Takes work from a queue.
    case consumer
    /// Takes work from outside.
    case server

    /// Returns true if the left role has the lower rank.
    public static func < (left: ServiceRole, right: ServiceRole) -> Bool { left.rawValue < right.rawValue }
}
