import WippyDefinition
import WippyRuntime
import WippyText

/// Finds routes of one server of which nobody could say which is meant, and prefixes that two routers share.
struct RouteCheck {
    private struct Declared {
        let entry: Entry<HTTPEndpointKind.Config>
        let pattern: RoutePattern
    }

    let server: EntryID
    let plan: LinkContext

    var diagnostics: [Diagnostic] {
        let routers = plan.attached(to: server, configuredAs: HTTPRouterKind.Config.self)
        return sharedPrefixes(routers) + routers.flatMap(unreadable) + conflicts(routers.flatMap(declared))
    }

    private func declared(_ router: Entry<HTTPRouterKind.Config>) -> [Declared] {
        plan.attached(to: router.id, configuredAs: HTTPEndpointKind.Config.self).compactMap { endpoint in
            let pattern = try? RoutePattern(router.config.prefix + endpoint.config.path)
            return pattern.map { Declared(entry: endpoint, pattern: $0) }
        }
    }

    /// Paths that are patterns by themselves, and none below the prefix of their router.
    private func unreadable(_ router: Entry<HTTPRouterKind.Config>) -> [Diagnostic] {
        let prefix = router.config.prefix
        guard prefix.hasExactPrefix("/") else { return [] }
        return plan.attached(to: router.id, configuredAs: HTTPEndpointKind.Config.self).compactMap { endpoint in
            let path = endpoint.config.path
            guard RoutePattern.flaw(in: path) == nil, let flaw = RoutePattern.flaw(in: prefix + path) else {
                return nil
            }
            return .error(
                at: endpoint.location, entry: endpoint.id,
                "'path' below the prefix of \(router.id) (\(router.location)) \(flaw.message)")
        }
    }

    private func sharedPrefixes(_ routers: [Entry<HTTPRouterKind.Config>]) -> [Diagnostic] {
        var first: [ExactText: Entry<HTTPRouterKind.Config>] = [:]
        return routers.compactMap { router in
            let prefix = ExactText(router.config.prefix)
            guard let other = first.updateValue(router, forKey: prefix) else { return nil }
            first[prefix] = other
            return .error(
                at: router.location, entry: router.id,
                "has the prefix '\(router.config.prefix)' of \(other.id) (\(other.location)); give one of them another")
        }
    }

    private func conflicts(_ routes: [Declared]) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (_, group) in Dictionary(grouping: routes, by: \.entry.config.method).sorted(by: {
            $0.key.rawValue < $1.key.rawValue
        }) {
            for (index, route) in group.enumerated() {
                for other in group[..<index] {
                    if let conflict = conflict(of: route, with: other) { found.append(conflict) }
                }
            }
        }
        return found
    }

    private func conflict(of route: Declared, with other: Declared) -> Diagnostic? {
        let description = "\(other.entry.config.method.rawValue) \(other.pattern.text) of \(other.entry.id)"
        switch route.pattern.relation(to: other.pattern) {
        case .equal:
            return .error(
                at: route.entry.location, entry: route.entry.id,
                "answers the same requests as \(description) (\(other.entry.location)); remove one of them")
        case .ambiguous:
            return .error(
                at: route.entry.location, entry: route.entry.id,
                "'\(route.pattern.text)' and \(description) (\(other.entry.location)) match some of the same paths, "
                    + "and neither is the more specific; change one of them")
        case .disjoint, .moreSpecific, .lessSpecific:
            return nil
        }
    }
}
