package import WippyLog
package import WippyRuntime

/// Replaces kinds of a program in a process that a command tests, as a part in the program's list of kinds.
package struct KindReplacement: ProgramPart {
    /// Returns the kinds for this process; nil if nothing is replaced in it.
    let replace: @Sendable ([any ProgramPart], Log) -> [any ProgramPart]?

    /// Creates the part for a replacement of kinds.
    ///
    /// - Parameter replace: gets the program's list and the application's log, and returns the list for this process;
    ///   nil if nothing is replaced in it.
    package init(_ replace: @escaping @Sendable ([any ProgramPart], Log) -> [any ProgramPart]?) {
        self.replace = replace
    }

    /// Adds the part to the program's replacements.
    package func list(in parts: inout ProgramParts) { parts.add(self, as: KindReplacement.self) }
}
