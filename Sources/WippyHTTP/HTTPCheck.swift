import WippyDefinition
import WippyRuntime
import WippyText

/// Finds two middlewares with one name, options whose name does not begin with the middleware's name, and kinds of
/// servers, routers and endpoints whose routes and addresses nothing would check.
struct HTTPCheck: FamilyCheck {
    func mistakes(in program: Program) -> [String] {
        program.mistakes(ofKindsOffering: .httpServer, demand: "it must be an HTTPServerKind") {
            $0.kind is any HTTPServerKind
        }
            + program.mistakes(ofKindsOffering: .router, demand: "its config must be an HTTPRouterConfig") {
                $0.config is any HTTPRouterConfig
            }
            + program.mistakes(ofKindsOffering: .endpoint, demand: "its config must be an HTTPEndpointConfig") {
                $0.config is any HTTPEndpointConfig
            } + mistakes(in: program.middlewares)
    }

    private func mistakes(in middlewares: [any Middleware.Type]) -> [String] {
        RepeatedTypes.mistakes(of: "middleware", in: middlewares.map { ($0.name, $0) })
            + middlewares.flatMap { type in
                type.optionNames.filter { !$0.hasExactPrefix("\(type.name).") }.map { option in
                    "the middleware '\(type.name)' (\(String(reflecting: type))) has the option '\(option)', whose "
                        + "name must begin with '\(type.name).'"
                }
            }
    }
}

extension Middleware {
    fileprivate static var optionNames: [String] {
        var fields = FieldReader()
        _ = Options(from: &fields)
        return fields.descriptions.map(\.path)
    }
}
