public import WippyDefinition

/// A kind that shares a check with other kinds, such as all kinds of HTTP servers.
///
/// A protocol for such kinds refines this one and implements ``sharedCheck(_:in:)`` in an extension. So a kind gets the
/// check by its conformance. ``EntryKind/check(_:in:)`` and ``EntryKind/check(all:in:)`` stay free for its own checks.
public protocol SharedCheckKind: EntryKind {
    /// Checks the entries of the kind together by the rules that it shares, and returns diagnostics.
    ///
    /// It gets the entries of this kind that were decoded without errors, in order of id. The plan has the entries of
    /// other kinds.
    func sharedCheck(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]
}

extension SharedCheckKind {
    /// Adds the kind to the program's kinds of entries and to its kinds with a shared check.
    public func list(in parts: inout ProgramParts) {
        parts.add(self, as: (any EntryKind).self)
        parts.add(self, as: (any SharedCheckKind).self)
    }
}
