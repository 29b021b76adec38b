public import WippyDefinition

extension Contract where Offered == VariableValue {
    /// A named text from outside.
    public static var variable: Contract { Contract("a variable") }
}
