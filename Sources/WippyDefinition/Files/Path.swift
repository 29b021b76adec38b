import WippyText

/// Functions for the texts of paths, which do not read the disk.
enum Path {
    /// Returns a path that is relative to a folder.
    ///
    /// An absolute path is returned unchanged.
    static func join(_ folder: String, _ path: String) -> String {
        if path.hasExactPrefix("/") || folder.isEmpty || folder == "." { return clean(path) }
        return clean("\(folder)/\(path)")
    }

    /// Returns the path without empty parts, without `.` and, if possible, without `..`.
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

    /// Returns the folder of a path; `.` for a name without a folder.
    static func parent(_ path: String) -> String {
        guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Returns the part of a path after its last slash.
    static func name(_ path: String) -> String {
        path.unicodeScalars.lastIndex(of: "/").map { String(path.unicodeScalars[$0...].dropFirst()) } ?? path
    }

    /// Returns true if a cleaned path is a folder or is below it.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        ExactText.areEqual(path, folder) || path.hasExactPrefix(folder == "/" ? "/" : "\(folder)/")
    }

    /// Returns true if a cleaned relative path leads out of its folder.
    static func isAbove(_ path: String) -> Bool {
        path == ".." || path.hasExactPrefix("../")
    }

    /// Returns the text after the last dot of a name; empty if there is no dot.
    static func fileExtension(_ name: String) -> Substring {
        name.unicodeScalars.lastIndex(of: ".").map { Substring(name.unicodeScalars[$0...].dropFirst()) } ?? ""
    }
}
