import WippyText

/// Arithmetic on the text of paths; nothing here looks at the disk.
enum Path {
    /// A path as seen from a folder: an absolute one stays as it is.
    static func join(_ folder: String, _ path: String) -> String {
        if path.hasExactPrefix("/") || folder.isEmpty || folder == "." { return clean(path) }
        return clean("\(folder)/\(path)")
    }

    /// The path without empty parts, `.` and, where that can be known, `..`.
    static func clean(_ path: String) -> String {
        let isAbsolute = path.hasExactPrefix("/")
        var parts: [String] = []
        for part in path.unicodeScalars.split(separator: "/").map(String.init) where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if isAbsolute { return "/\(joined)" }
        return joined.isEmpty ? "." : joined
    }

    /// The folder that a path stands in; `.` for a bare name.
    static func parent(_ path: String) -> String {
        guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether a cleaned path is a folder or something below it.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        ExactText.areEqual(path, folder) || path.hasExactPrefix(folder == "/" ? "/" : "\(folder)/")
    }

    /// Whether a cleaned relative path leads out of the folder that it is seen from.
    static func isAbove(_ path: String) -> Bool {
        path == ".." || path.hasExactPrefix("../")
    }

    /// What follows the last dot of the name, or nothing.
    static func fileExtension(_ name: String) -> Substring {
        name.unicodeScalars.lastIndex(of: ".").map { Substring(name.unicodeScalars[$0...].dropFirst()) } ?? ""
    }
}
