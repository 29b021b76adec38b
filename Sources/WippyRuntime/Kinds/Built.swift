/// The component and the service that a kind has built for an entry.
public struct Built<Component: Sendable>: Sendable {
    /// The component, which other entries use at run time; nil if no entry uses this one at run time.
    public let component: Component?

    /// The service, which the supervisor runs; nil for an entry without a service.
    public let service: (any ManagedService)?

    /// Returns a component without a service.
    public static func component(_ component: Component) -> Built {
        Built(component: component, service: nil)
    }

    /// Returns a component together with the service behind it.
    public static func component(_ component: Component, service: any ManagedService) -> Built {
        Built(component: component, service: service)
    }
}

extension Built where Component == Never {
    /// Returns a service without a component.
    ///
    /// Other entries can name the entry, but they do not use it at run time.
    public static func service(_ service: any ManagedService) -> Built {
        Built(component: nil, service: service)
    }

    /// The result for an entry that is only data.
    ///
    /// It has neither a component nor a service.
    public static var nothing: Built { Built(component: nil, service: nil) }
}
