import Glibc
import WippyDefinition
import WippyText

/// The source from which a project's package gets wippy-swift.
enum RuntimePackage: Sendable, Equatable {
    /// A Git repository.
    case url(String)
    /// A folder: an absolute path, or a path relative to the project's folder.
    case path(String)

    /// Reads the value of `--package`.
    ///
    /// - Throws: ``UsageError`` for a folder without a package, and for characters that have a meaning in a build file.
    init(_ text: String) throws(UsageError) {
        guard !text.unicodeScalars.contains(where: { "'\"\\$".unicodeScalars.contains($0) || VisibleText.isHidden($0) })
        else {
            throw UsageError("'--package' cannot hold quotes, '\\', '$' or control characters")
        }
        if text.containsExactly("://") || text.hasExactPrefix("git@") {
            self = .url(text)
            return
        }
        guard Self.isPackage(text) else {
            throw UsageError("'--package \(text)' is neither a URL nor a folder with a Package.swift")
        }
        self = .path(text)
    }

    /// The checkout from which this program was built; nil if the checkout does not exist any more.
    static var ownCheckout: RuntimePackage? {
        let parts = #filePath.unicodeScalars.split(separator: "/").map(String.init)
        // The build of an application keeps its own copy in that folder. The next update removes the copy.
        guard !parts.contains(where: { ExactText.areEqual($0, ".build") }) else { return nil }
        // This file is Sources/WippyCommandLine/Templates/RuntimePackage.swift.
        let folder = "/" + parts.dropLast(4).joined(separator: "/")
        return isPackage(folder) ? .path(folder) : nil
    }

    private static func isPackage(_ folder: String) -> Bool {
        unsafe access("\(folder)/Package.swift", R_OK) == 0
    }

    /// The dependency in the form of `Package.swift`.
    var declaration: String {
        switch self {
        case .url(let url): ".package(url: \"\(url)\", from: \"\(VersionCommand.version)\")"
        // Without a name, SwiftPM would give the package the name of its folder.
        case .path(let path): ".package(name: \"wippy-swift\", path: \"\(path)\")"
        }
    }

    /// The package's name for SwiftPM: for a repository, the last word of its URL.
    var identity: String {
        guard case .url(let url) = self else { return "wippy-swift" }
        let last = url.unicodeScalars.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? url
        return last.hasExactSuffix(".git") ? String(last.dropLast(4)) : last
    }
}
