import WippyRuntime
import WippyText
import WippyValues

/// The applications of a Swift package, from the output of `swift package describe`.
struct PackageDescription {
    /// The executable products whose targets depend on `Wippy`, `WippyCommand` or `WippyCommandLine`, directly or
    /// through other targets.
    let applications: [String]

    /// Reads the description's JSON.
    init(json: String) throws(CommandError) {
        guard let package = try? JSON.decode(Array(json.utf8)), let targets = package["targets"]?.list,
            let products = package["products"]?.list
        else { throw CommandError("cannot read the description of the Swift package") }
        let dependencies = Dictionary(
            targets.compactMap { target in
                target["name"]?.string.map { (ExactText($0), Self.dependencies(of: target)) }
            }, uniquingKeysWith: { first, _ in first })
        applications = products.compactMap { product in
            guard let name = product["name"]?.string, product["type"]?["executable"] != nil else { return nil }
            let names = product["targets"]?.list?.compactMap(\.string) ?? []
            return names.contains { Self.reaches(from: ExactText($0), dependencies) } ? name : nil
        }.sorted { ExactText.precedes($0, $1) }
    }

    private static func dependencies(of target: Value) -> [ExactText] {
        ["target_dependencies", "product_dependencies"].flatMap { key in
            target[key]?.list?.compactMap(\.string).map { ExactText($0) } ?? []
        }
    }

    private static func reaches(from start: ExactText, _ dependencies: [ExactText: [ExactText]]) -> Bool {
        var seen: Set<ExactText> = []
        var pending = [start]
        while let name = pending.popLast() {
            if ["Wippy", "WippyCommand", "WippyCommandLine"].contains(name) { return true }
            if seen.insert(name).inserted { pending += dependencies[name] ?? [] }
        }
        return false
    }
}
