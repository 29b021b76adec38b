public import WippyDefinition

extension Contract where Offered == VariableValue {
    /// The contract of a named text from outside.
    public static var variable: Contract { Contract("a variable") }
}
