import HTTPServing
import WippyDefinition
import WippyRuntime

/// Finds ambiguous routes of one server, prefixes that two routers share, and routes that health checks hide.
struct RouteCheck<Server: HTTPServerConfig> {
    /// A class, because there may be very many of them to sort and to group.
    private final class Declared {
        let entry: Entry<any HTTPEndpointConfig>
        let pattern: RoutePattern

        init(_ entry: Entry<any HTTPEndpointConfig>, _ pattern: RoutePattern) {
            (self.entry, self.pattern) = (entry, pattern)
        }
    }

    let server: Entry<Server>
    let plan: CheckContext

    var diagnostics: [Diagnostic] {
        let routers = plan.attached(to: server.id, configuredAs: (any HTTPRouterConfig).self)
        var found = sharedPrefixes(routers)
        var routes: [HTTPMethod: [Declared]] = [:]
        for router in routers {
            for endpoint in plan.attached(to: router.id, configuredAs: (any HTTPEndpointConfig).self) {
                do throws(RoutePattern.Flaw) {
                    let pattern = try RoutePattern(endpoint.config.path, below: router.config.prefix)
                    routes[endpoint.config.method, default: []].append(Declared(endpoint, pattern))
                } catch {
                    let place = router.location(of: router.prefixField)
                    let owner = "\(router.id) (\(place))"
                    found.append(
                        endpoint.error(endpoint.pathField, "with the prefix of \(owner) \(error.message)")
                            .naming(place))
                }
            }
        }
        let answeredByServer = [HTTPMethod.get, .head].flatMap { routes[$0] ?? [] }
        return found + routes.values.flatMap(conflicts) + answeredByServer.compactMap(hiding)
    }

    /// Finds out whether the server answers health checks on the path of a route, so that the route gets no requests.
    private func hiding(_ route: Declared) -> Diagnostic? {
        let check = server.config.health.named.first { $0.path.pattern.matchesLike(route.pattern) }
        guard let (field, path) = check else { return nil }
        let place = server.location(of: field)
        let owner = "'\(field)' of \(server.id) (\(place))"
        return route.entry.error(
            route.entry.pathField, "is '\(path.written)' in full, which \(owner) already uses; change one of them"
        ).naming(place)
    }

    private func sharedPrefixes(_ routers: [Entry<any HTTPRouterConfig>]) -> [Diagnostic] {
        var first: [[[UInt8]?]: Entry<any HTTPRouterConfig>] = [:]
        return routers.compactMap { router in
            let shape = router.config.prefix.shape
            guard let other = first[shape] else {
                first[shape] = router
                return nil
            }
            let place = other.location(of: other.prefixField)
            let owner = "'\(other.config.prefix.text)' of \(other.id) (\(place))"
            return router.error(router.prefixField, "means the same as \(owner); give one of them another prefix")
                .naming(place)
        }
    }

    private func conflicts(_ routes: [Declared]) -> [Diagnostic] {
        RouteConflicts(of: routes.map(\.pattern)).conflicts.map { conflict in
            let route = routes[conflict.place]
            let other = routes[conflict.other]
            let place = other.entry.location(of: other.entry.pathField)
            let description =
                "\(other.entry.config.method.rawValue) \(other.pattern.text) of \(other.entry.id) (\(place))"
            return route.entry.error(
                route.entry.pathField,
                conflict.isEqual
                    ? "answers the same requests as \(description); remove one of them"
                    : "is '\(route.pattern.text)' in full, which matches some of the same paths as \(description), "
                        + "but neither is more specific; change one of them"
            ).naming(place)
        }
    }
}

extension Entry where Config == any HTTPEndpointConfig {
    fileprivate var pathField: String { type(of: config).pathField }
}

extension Entry where Config == any HTTPRouterConfig {
    fileprivate var prefixField: String { type(of: config).prefixField }
}
