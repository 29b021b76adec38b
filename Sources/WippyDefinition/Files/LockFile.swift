import WippyText

/// `wippy.lock`: where a project's definition files are.
///
/// Keys that it does not know are left alone.
struct LockFile {
    /// A module that the project uses: `org/module`.
    struct Module {
        let name: String
        let version: String
        let location: Location
    }

    /// A folder that takes the place of a module.
    struct Replacement {
        let module: String
        let path: String
        let location: Location
    }

    /// The name under which the file is looked for.
    static let name = "wippy.lock"

    private(set) var sources: (path: String, location: Location)?
    private(set) var modulesFolder = ".wippy"
    private(set) var modules: [Module] = []
    private(set) var replacements: [Replacement] = []

    /// Reads the file's map.
    init(_ root: Node, report: inout Report) {
        let directories = root["directories"] ?? Node(.mapping([]), at: root.location)
        sources = Self.folder(directories, "src", of: "directories", &report)
        if directories["modules"] != nil, let folder = Self.folder(directories, "modules", of: "directories", &report) {
            modulesFolder = folder.path
        }
        for (index, element) in Self.elements(of: root["modules"], "modules", &report).enumerated() {
            let path = "modules[\(index)]"
            guard let name = Self.moduleName(element, "name", of: path, &report),
                let version = Self.text(element, "version", of: path, &report)
            else { continue }
            modules.append(Module(name: name.path, version: version.path, location: name.location))
        }
        for (index, element) in Self.elements(of: root["replacements"], "replacements", &report).enumerated() {
            let path = "replacements[\(index)]"
            guard let module = Self.moduleName(element, "from", of: path, &report),
                let folder = Self.folder(element, "to", of: path, &report)
            else { continue }
            replacements.append(Replacement(module: module.path, path: folder.path, location: folder.location))
        }
    }

    /// The folder that holds `org/module` folders.
    var vendorFolder: String {
        modulesFolder == "vendor" || modulesFolder.hasExactSuffix("/vendor") ? modulesFolder : modulesFolder + "/vendor"
    }

    private static func elements(of node: Node?, _ path: String, _ report: inout Report) -> [Node] {
        guard let node, !node.isNull else { return [] }
        if case .sequence(let elements) = node.content { return elements }
        report.add(.error(at: node.location, "'\(path)' must be a list, got \(node.found)"))
        return []
    }

    private static func text(
        _ map: Node, _ key: String, of path: String, _ report: inout Report
    ) -> (path: String, location: Location)? {
        guard let value = map[key] else {
            report.add(.error(at: map.location, "missing field '\(path).\(key)'"))
            return nil
        }
        let text = value.isNull ? nil : value.scalar?.text
        if let text, !text.trimmed.isEmpty { return (text, value.location) }
        let problem = text == nil ? "must be a text, got \(value.found)" : "cannot be blank"
        report.add(.error(at: value.location, "'\(path).\(key)' \(problem)"))
        return nil
    }

    private static func folder(
        _ map: Node, _ key: String, of path: String, _ report: inout Report
    ) -> (path: String, location: Location)? {
        guard let text = text(map, key, of: path, &report) else { return nil }
        guard let problem = LiteralPath.problem(with: text.path) else { return text }
        report.add(.error(at: text.location, "'\(path).\(key)' \(problem)"))
        return nil
    }

    private static func moduleName(
        _ map: Node, _ key: String, of path: String, _ report: inout Report
    ) -> (path: String, location: Location)? {
        guard let name = text(map, key, of: path, &report) else { return nil }
        let parts = name.path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts.contains(where: { ["", ".", ".."].contains($0) }) else {
            report.add(.error(at: name.location, "'\(path).\(key)' must be org/module, got '\(name.path)'"))
            return nil
        }
        return name
    }
}
