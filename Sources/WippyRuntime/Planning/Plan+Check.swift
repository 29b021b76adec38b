public import WippyDefinition

extension Plan {
    /// Decodes and checks every declaration, and reports all errors.
    ///
    /// - Parameters:
    ///   - definitions: the declarations. A reference to a missing entry is no error if a file that cannot be read may
    ///     declare that entry.
    ///   - program: the kinds and handlers that entries can name. Its errors are also reported.
    ///   - isLenient: true if unknown fields that resemble no known field are warnings. Default: false.
    ///   - old: a plan of the same program. An entry is not decoded again if this plan has it from the same declaration
    ///     object. Default: the empty plan.
    ///   - report: gets the errors and warnings.
    /// - Returns: the plan. It can be built only if the report has no errors.
    public init(
        _ definitions: DefinitionSet, in program: Program, isLenient: Bool = false, keeping old: Plan = .empty,
        report: inout Report
    ) {
        let kinds = program.kinds
        report.add(program.mistakes)
        var undecoded: Set<EntryID> = []
        var entries: [PlannedEntry] = []
        for declaration in definitions.entries {
            if let same = old[declaration.id], same.declaration === declaration {
                entries.append(same)
                report.add(same.problems)
                report.hide(same.secretPlaces)
            } else if let kind = kinds[declaration.kind] {
                entries.append(kind.plan(declaration, in: program, isLenient: isLenient, report: &report))
            } else {
                undecoded.insert(declaration.id)
                report.add(program.unknownKind(of: declaration))
            }
        }
        self.init(entries: entries, keeping: old)
        var references = ReferenceCheck(plan: self, definitions: definitions, kinds: kinds, undecoded: undecoded)
        report.add(references.problems())
        for name in unused(among: program.handlers) {
            let sentence = "the handler '\(name)' is registered, but no entry names it"
            report.add(.warning(at: Location(source: "handlers"), sentence))
        }
    }
}

extension EntryKind {
    fileprivate func plan(
        _ declaration: EntryDeclaration, in program: Program, isLenient: Bool, report: inout Report
    ) -> PlannedEntry {
        PlannedEntry(declaration, kind: self, in: program, isLenient: isLenient, report: &report)
    }
}

extension Program {
    fileprivate func unknownKind(of declaration: EntryDeclaration) -> Diagnostic {
        let name = declaration.kind
        let absence = kinds.absence(of: name)
        let help = absence.map { " here: \($0)" } ?? ""
        return .error(at: declaration.kindLocation, entry: declaration.id, "there is no kind '\(name)'\(help)")
            .suggesting(absence == nil ? Spelling.nearest(to: name, among: kinds.names) : nil)
    }
}
