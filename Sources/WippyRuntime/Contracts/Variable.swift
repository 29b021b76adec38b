public import WippyDefinition

extension Contract where Offered == VariableValue {
    /// The contract of an entry that is a variable.
    public static var variable: Contract { Contract("a variable") }
}
