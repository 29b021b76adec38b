public import WippyDefinition

extension Plan {
    /// Returns the reason why nothing would run; nil if the `lifecycle` block of a service starts it automatically.
    ///
    /// The result is an error for a project without entries, and a warning if no entry starts. Call this only for a
    /// project without errors, because an error can be the reason.
    public func reasonForRest(_ definitions: DefinitionSet, in project: Project) -> Diagnostic? {
        if entries.isEmpty {
            guard let rule = definitions.disabled.values.min() else {
                let sentence = "the project has no entries: no .yaml, .yml or .json file in this folder declares one"
                return .error(at: project.place, sentence)
            }
            return .error(at: rule, "the project has no entries: all \(definitions.disabled.count) are disabled")
        }
        let services = entries.filter { $0.role != nil }
        guard !services.contains(where: \.policy.startsAutomatically) else { return nil }
        let candidate = services.first { $0.role == .server } ?? services.first
        let reason = candidate.map {
            "no service has '\(LifecyclePolicy.block): {\(LifecyclePolicy.autoStart): true}'; set it for \($0.id) "
                + "(\($0.location)), for example"
        }
        return .warning(at: project.place, "nothing starts: \(reason ?? "none of the entries is a service")")
            .naming(candidate.map { [$0.location] } ?? [])
    }
}
