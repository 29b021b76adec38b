import WippyText

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Project {
    /// Writes a lock file that says where definition files and modules are.
    ///
    /// Of a file that is there only the `directories` block changes; everything else stays as it is written.
    ///
    /// - Returns: whether the file was there before.
    /// - Throws: ``InvalidProject`` when the file that is there cannot be read as YAML, or none can be written.
    public static func writeLockFile(_ path: String, sources: String, modules: String) throws(InvalidProject) -> Bool {
        let block = "directories:\n    modules: \(quoted(modules))\n    src: \(quoted(sources))\n"
        var report = Report()
        var existed = false
        do throws(FileSystem.Failure) {
            existed = FileSystem.status(path) != nil
            let old = existed ? try FileSystem.text(of: path, limit: SourceLimits.standard.fileBytes) : ""
            let text = replacingDirectories(of: SourceFile(path: path, text: old), with: block, report: &report)
            if report.isValid { try FileSystem.replace(path, with: text) }
        } catch {
            report.add(.error(at: Location(source: path), "the file \(error.sentence)"))
        }
        try report.throwIfInvalid()
        return existed
    }

    /// The file's text with another `directories` block: in the place of the old one, or in front.
    private static func replacingDirectories(
        of file: SourceFile, with block: String, report: inout Report
    ) -> String {
        let result = YAMLComposer.compose(file)
        report.add(result.problems)
        if let root = result.root, !root.isMap, !root.isNull {
            report.add(.error(at: root.location, "the file must be a map, got \(root.found)"))
        }
        let pairs = result.root?.pairs ?? []
        if let inLine = pairs.first(where: { $0.keyLocation.column > 1 }) {
            let sentence = "'\(inLine.key)' does not begin its line; change 'directories' by hand"
            report.add(.error(at: inLine.keyLocation, sentence))
        }
        guard let index = pairs.firstIndex(where: { $0.key == "directories" }) else { return block + file.text }
        let lines = file.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = pairs[index].keyLocation.line - 1
        let end = index + 1 < pairs.count ? pairs[index + 1].keyLocation.line - 1 : lines.count
        guard start >= 0, start <= end, end <= lines.count else { return block + file.text }
        let before = lines[..<start].map { $0 + "\n" }.joined()
        return before + block + lines[end...].joined(separator: "\n")
    }

    private static func quoted(_ path: String) -> String {
        let isPlain = path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/".contains($0)) }
        let looksLikeMore = Scalar(path, style: .plain).value != .text(path) || path.hasExactPrefix("-")
        return isPlain && !looksLikeMore ? path : "'\(path.replacing("'", with: "''"))'"
    }
}

extension FileSystem {
    /// Puts a text in the place of a file, whole or not at all; only the owner may read it.
    static func replace(_ path: String, with text: String) throws(Failure) {
        let temporary = path + ".new"
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .lastCall(doing: "written") }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isClosed = close(file) == 0
        guard isClosed, written == bytes.count, unsafe rename(temporary, path) == 0 else {
            let failure = Failure.lastCall(doing: "written")
            unsafe unlink(temporary)
            throw failure
        }
    }
}
