import WippyRuntime

/// Finds kinds of policies whose groups nothing would find.
struct SecurityCheck: FamilyCheck {
    func mistakes(in program: Program) -> [String] {
        program.mistakes(ofKindsOffering: .securityPolicy, demand: "its config must be a SecurityPolicy") {
            $0.config is SecurityPolicy
        }
    }
}
