import Glibc
import WippyDefinition
import WippyText

/// Where a project's package gets wippy-swift from.
enum RuntimePackage: Sendable, Equatable {
    /// A Git repository.
    case url(String)
    /// A folder on this machine: an absolute path, or one seen from the project's folder.
    case path(String)

    /// Reads what `--package` says.
    ///
    /// - Throws: ``UsageError`` for a path where no package is, and for signs that a build file gives a meaning.
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

    /// The checkout that this program was built from, if it is still there.
    static var ownCheckout: RuntimePackage? {
        let parts = #filePath.unicodeScalars.split(separator: "/").map(String.init)
        // A build of somebody's application keeps its own copy there, which the next update removes.
        guard !parts.contains(where: { ExactText.areEqual($0, ".build") }) else { return nil }
        // This file is Sources/WippyCommand/Templates/RuntimePackage.swift.
        let folder = "/" + parts.dropLast(4).joined(separator: "/")
        return isPackage(folder) ? .path(folder) : nil
    }

    private static func isPackage(_ folder: String) -> Bool {
        unsafe access("\(folder)/Package.swift", R_OK) == 0
    }

    /// As `Package.swift` says it.
    var declaration: String {
        switch self {
        case .url(let url): ".package(url: \"\(url)\", from: \"\(VersionCommand.version)\")"
        // SwiftPM would call it after its folder, whatever that is called.
        case .path(let path): ".package(name: \"wippy-swift\", path: \"\(path)\")"
        }
    }

    /// What SwiftPM calls it: of a repository, the last word of its URL.
    var identity: String {
        guard case .url(let url) = self else { return "wippy-swift" }
        let last = url.unicodeScalars.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? url
        return last.hasExactSuffix(".git") ? String(last.dropLast(4)) : last
    }
}
