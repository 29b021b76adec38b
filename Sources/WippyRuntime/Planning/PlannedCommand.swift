package import WippyDefinition
import WippyText

/// A command that an entry of a plan declares.
package struct PlannedCommand: Sendable {
    /// The command.
    package let command: ProcessCommand

    /// The id of the entry that declares the command.
    package var id: EntryID { entry.id }

    /// The process to run: the entry itself, or the process that the entry runs as a service.
    package let process: EntryID

    /// The place of the command's use; the place of the entry if it is not written.
    package var placeOfUse: Location { location(of: ProcessCommand.useCaseField) }

    private let entry: PlannedEntry

    /// Creates the command of an entry; nil if the entry declares none.
    fileprivate init?(_ entry: PlannedEntry) {
        let contract = Contract<any HostedProcess>.process.erased
        let base = entry.references.first { $0.isBase && $0.contract == contract }?.entry
        // Most entries have no process, and a cast that fails is slow.
        guard let process = entry.offers.contains(contract) ? entry.id : base,
            let command = (entry.config as? any ProcessCommandConfig)?.command
        else { return nil }
        (self.entry, self.process, self.command) = (entry, process, command)
    }

    /// Returns the place of a field; the place of the entry if the field is not written.
    private func location(of field: String) -> Location { entry.location(of: field) ?? entry.location }

    /// Finds commands with the same name, several processes for the command `test`, and commands that have no host.
    ///
    /// - Parameter mayHaveHost: true if an entry that is not in `entries` may be a host.
    static func problems(in entries: [PlannedEntry], mayHaveHost: Bool) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let commands = entries.compactMap(PlannedCommand.init)
        if let first = commands.first, !mayHaveHost,
            !entries.contains(where: { $0.offers.contains(Contract.processHost.erased) })
        {
            found.append(first.withoutHost)
        }
        var named: [ExactText: PlannedCommand] = [:]
        var test: PlannedCommand?
        for planned in commands {
            let use = planned.command.useCase
            if let name = planned.command.name {
                if let other = named[name] {
                    found.append(
                        planned.problem(
                            .error, ProcessCommand.nameField, name, as: other, "give one of them another name"))
                } else {
                    named[name] = planned
                }
            }
            guard use == ProcessCommand.test else { continue }
            if let other = test {
                let advice = "the command '\(use)' runs neither, so leave it to one of them"
                found.append(planned.problem(.warning, ProcessCommand.useCaseField, use, as: other, advice))
            } else {
                test = planned
            }
        }
        return found
    }

    /// The warning about the first command of a project without a host.
    private var withoutHost: Diagnostic {
        let field = ProcessCommand.map
        return .warning(
            at: location(of: field), entry: id,
            "'\(field)' has no effect: \(Self.lackOfHost.problem); \(Self.lackOfHost.remedy)")
    }

    /// What is wrong with a project that has no host, and what to do about it.
    package static let lackOfHost = (
        problem: "the project has no host to run the process", remedy: "declare a terminal host or a process host"
    )

    /// Returns a diagnostic about a field that has the same value in an earlier command.
    private func problem(
        _ severity: Diagnostic.Severity, _ field: String, _ value: ExactText, as other: PlannedCommand,
        _ advice: String
    ) -> Diagnostic {
        let place = other.location(of: field)
        let sentence = "'\(field)' is '\(value)', as in \(other.id) (\(place)); \(advice)"
        return Diagnostic(severity, at: location(of: field), entry: id, sentence).naming(place)
    }
}

extension Plan {
    /// The commands of the project, in order of the ids of their entries.
    package var commands: [PlannedCommand] { entries.compactMap(PlannedCommand.init) }
}
