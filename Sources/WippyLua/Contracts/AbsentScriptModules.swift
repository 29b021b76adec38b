public import WippyRuntime
public import WippyText

/// A list of known Lua modules that a program does not have.
///
/// Put it into the program's list of kinds. An entry that lists such a module gets an error with the reason. A module
/// that the program does have works as usual.
public struct AbsentScriptModules: ProgramAddition {
    /// The reason why the modules are missing.
    ///
    /// In the error, it follows "names 'x', ".
    let reason: String

    private let names: Set<ExactText>

    /// Creates a list of missing modules.
    ///
    /// - Parameters:
    ///   - names: the names of the modules.
    ///   - reason: the end of the error "names 'x', …". Default: `a module that is not supported yet`.
    public init(_ names: Set<ExactText>, because reason: String = "a module that is not supported yet") {
        (self.names, self.reason) = (names, reason)
    }

    /// The list itself.
    public var added: AbsentScriptModules { self }

    /// Returns true if the list has a module.
    func contains(_ name: ExactText) -> Bool { names.contains(name) }
}
