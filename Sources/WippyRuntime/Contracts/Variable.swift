public import WippyDefinition

extension Contract where Offered == VariableValue {
    /// The contract of a variable: a text with a name.
    public static var variable: Contract { Contract("a variable") }
}
