import WippyText

extension Project {
    /// The result of ``Project/initialize(lockFile:sources:modules:)``.
    public struct Initialization: Sendable {
        /// True if the project had a lock file before the call.
        public let hadLockFile: Bool
        /// The path of the source directory, absolute or relative to the working directory.
        public let sources: String
        /// True if the source directory was created.
        public let madeSources: Bool
        /// True if ``SourceSet`` finds no file in the source directory yet.
        public let isEmpty: Bool
    }

    /// Turns a folder into a project: writes its lock file, and creates its source directory if it is missing.
    ///
    /// - Parameters:
    ///   - path: the path of the lock file, in the project's folder.
    ///   - sources: the source directory, relative to the project's folder.
    ///   - modules: the folder of modules, relative to the project's folder.
    /// - Throws: ``InvalidProject`` if the lock file cannot be read, changed or written, if the source directory cannot
    ///   be created, or if one of the folders would be the lock file or inside it. Then nothing is changed.
    public static func initialize(
        lockFile path: String, sources: String, modules: String
    ) throws(InvalidProject) -> Initialization {
        let folder = Path.join(Path.parent(path), sources)
        let modulesFolder = Path.join(Path.parent(path), modules)
        for (shown, folder) in [(sources, folder), (modules, modulesFolder)] {
            guard Path.isInside(folder, Path.clean(path)) else { continue }
            throw InvalidProject(
                .error(at: Location(source: shown), "the folder cannot be '\(path)', which is the lock file"))
        }
        var made: [String] = []
        do throws(FileSystem.Failure) {
            made = try FileSystem.makeFolder(folder)
        } catch {
            throw InvalidProject(.error(at: Location(source: sources), "the folder \(error.sentence)"))
        }
        let hadLockFile: Bool
        do throws(InvalidProject) {
            hadLockFile = try writeLockFile(path, sources: sources, modules: modules)
        } catch {
            FileSystem.removeFolders(made)
            throw error
        }
        let hasFiles = SourceSet.hasFiles(in: SourceRoot(path: sources, folder: folder), modules: modulesFolder)
        let shown = Path.parent(path) == "." ? sources : folder
        return Initialization(
            hadLockFile: hadLockFile, sources: shown, madeSources: !made.isEmpty, isEmpty: !hasFiles)
    }

    /// Writes a lock file that names the source directory and the folder of modules.
    ///
    /// In an existing file, only the block `directories` changes. A file that already names these folders is not
    /// written.
    ///
    /// - Parameters:
    ///   - path: the path of the lock file, in the project's folder.
    ///   - sources: the source directory, relative to the project's folder.
    ///   - modules: the folder of modules, relative to the project's folder.
    /// - Returns: true if the file existed before.
    /// - Throws: ``InvalidProject`` if the existing file cannot be read, is not YAML or cannot be changed safely, or if
    ///   the file cannot be written.
    public static func writeLockFile(_ path: String, sources: String, modules: String) throws(InvalidProject) -> Bool {
        var report = Report()
        var existed = false
        do throws(FileSystem.Failure) {
            existed = FileSystem.status(path) != nil
            let old = existed ? try FileSystem.text(of: path, limit: SourceLimits.standard.fileBytes) : ""
            let edit = LockFileEdit(SourceFile(path: path, text: old), sources: sources, modules: modules)
            if let text = edit.text(report: &report) {
                let mark = old.unicodeScalars.first == "\u{feff}" ? "\u{feff}" : ""
                try FileSystem.replace(path, with: mark + text)
            }
        } catch {
            report.add(.error(at: Location(source: path), "the file \(error.sentence)"))
        }
        try report.throwIfInvalid()
        return existed
    }
}

extension InvalidProject {
    /// Creates an error with a single diagnostic.
    init(_ diagnostic: Diagnostic) {
        var report = Report()
        report.add(diagnostic)
        self.init(report: report)
    }
}

/// Sets `directories` in the text of a lock file, at the places that the YAML reader finds.
///
/// The new text is read again. It is used only if its `directories` are the wanted ones and everything else is the
/// same.
private struct LockFileEdit {
    private let file: SourceFile
    private let sources: String
    private let modules: String
    private let lines: TextLines

    init(_ file: SourceFile, sources: String, modules: String) {
        (self.file, self.sources, self.modules) = (file, sources, modules)
        lines = TextLines(file.text)
    }

    /// Returns the new text; nil if the old text is right already, or after an error.
    func text(report: inout Report) -> String? {
        let old = YAMLComposer.compose(file)
        report.add(old.problems)
        if let root = old.root, !root.isMap, !root.isNull {
            report.add(.error(at: root.location, "the file must be a map, got \(root.found)"))
        }
        guard report.isValid, !saysIt(old.root) else { return nil }
        if let text = try? edited(), isRight(text, after: old.root) { return text }
        let place = old.root?.pair("directories")?.keyLocation ?? Location(source: file.path)
        let wanted = "src: \(Self.quoted(sources)), modules: \(Self.quoted(modules))"
        report.add(.error(at: place, "the command cannot change 'directories' here; write it by hand: {\(wanted)}"))
        return nil
    }

    private func isRight(_ text: String, after old: Node?) -> Bool {
        let new = YAMLComposer.compose(SourceFile(path: file.path, text: text))
        guard new.problems.isEmpty, saysIt(new.root) else { return false }
        let (before, after) = (others(old), others(new.root))
        return before.count == after.count
            && zip(before, after).allSatisfy { $0.key == $1.key && $0.value.isSame(as: $1.value) }
    }

    private func others(_ root: Node?) -> [Node.Pair] {
        root?.pairs.filter { $0.key != "directories" } ?? []
    }

    private func saysIt(_ root: Node?) -> Bool {
        guard let root, root["directories"] != nil else { return false }
        var report = Report()
        let lock = LockFile(root, report: &report)
        guard let found = lock.sources?.path else { return false }
        return ExactText.areEqual(found, sources) && ExactText.areEqual(lock.modulesFolder, modules)
    }

    /// Returns a new text if the form of the old text allows it.
    ///
    /// The new text must be checked.
    private func edited() throws(YAMLEvents.Failure) -> String? {
        guard let root = try YAMLExtent.root(of: file.text) else { return inserting(before: nil) }
        guard let first = root.children.first else { return root.text == "" ? inserting(before: nil) : nil }
        // If they differ, the text begins with a brace, an anchor or a tag.
        guard root.start == first.start, first.start.column == 1 else { return nil }
        for (key, value) in root.pairs where key.text == "directories" {
            return settingFields(of: value, below: key) ?? replacing(value, of: key)
        }
        return inserting(before: first)
    }

    /// Returns the text with the block at its beginning, or after the marker of the document.
    private func inserting(before first: YAMLExtent?) -> String {
        let place = first.map { lines.offset(of: $0.start) } ?? lines.count
        let isMarked = lines.contents(in: 0..<place).contains { line in
            ["---", "...", "%"].contains { line.hasExactPrefix($0) }
        }
        guard isMarked else { return lines.replacing([(0..<0, block)]) }
        return lines.replacing([(place..<place, first == nil ? lines.missingEnd + block : block)])
    }

    /// Returns the text with new values of `src` and `modules`; nil if the old values do not have separate lines.
    private func settingFields(of value: YAMLExtent, below key: YAMLExtent) -> String? {
        guard let first = value.children.first, value.start == first.start, first.start.line > key.start.line else {
            return nil
        }
        var missing: [ExactText: String] = ["modules": Self.quoted(modules), "src": Self.quoted(sources)]
        var edits: [(Range<Int>, String)] = []
        for (field, value) in value.pairs {
            guard let name = field.text, let new = missing.removeValue(forKey: name),
                value.text != nil, value.start.line == value.end.line
            else { return nil }
            let range = lines.offset(of: value.start)..<lines.offset(of: value.end)
            edits.append((range, range.isEmpty ? " \(new)" : new))
        }
        let place = lines.offset(of: first.start) - (first.start.column - 1)
        let indent = String(repeating: " ", count: first.start.column - 1)
        let added = missing.sorted { $0.key < $1.key }.map { "\(indent)\($0.key): \($0.value)\(lines.end)" }
        return lines.replacing([(place..<place, added.joined())] + edits)
    }

    /// Returns the text with the old block replaced, in which lines that are only comments stay.
    private func replacing(_ value: YAMLExtent, of key: YAMLExtent) -> String {
        // A block text ends at the beginning of the next line.
        let endsBefore = value.end.column == 1 && value.end.line > key.start.line
        let last = endsBefore ? value.end.line - 1 : value.end.line
        let range = lines.offset(of: key.start)..<lines.endOffset(ofLine: last)
        let end = endsBefore ? range.upperBound : lines.offset(of: value.end)
        let comments = comments(in: range.lowerBound..<end, beside: key.scalars + value.scalars)
        let rest = endsBefore ? "" : lines.text(in: end..<range.upperBound).trimmed
        let head = rest.isEmpty ? "directories:" : "directories: \(rest)"
        return lines.replacing([(range, ([head] + comments + fields).joined(separator: lines.end))])
    }

    /// Returns the comments that begin in a range of offsets, each as a line of its own.
    ///
    /// A `#` in one of the scalars begins no comment.
    private func comments(in range: Range<Int>, beside scalars: [YAMLExtent]) -> [String] {
        let texts = scalars.map(extentOfText)
        return lines.ranges(in: range).compactMap { line in
            let mark = lines.firstOffset(of: "#", in: line.clamped(to: range)) { offset in
                !texts.contains { $0.contains(offset) }
            }
            guard let mark else { return nil }
            let indent = lines.text(in: line.lowerBound..<mark)
            return (indent.trimmed.isEmpty ? indent : "    ") + lines.text(in: mark..<line.upperBound)
        }
    }

    /// Returns the offsets of a scalar, without the first line of a block text, which may end with a comment.
    private func extentOfText(_ scalar: YAMLExtent) -> Range<Int> {
        let range = lines.offset(of: scalar.start)..<lines.offset(of: scalar.end)
        let firstLine = range.clamped(to: 0..<lines.endOffset(ofLine: scalar.start.line))
        // An anchor and a tag may precede the text.
        let style =
            lines.text(in: firstLine).unicodeScalars.split { $0 == " " || $0 == "\t" }.map { String($0) }
            .first { !$0.hasExactPrefix("&") && !$0.hasExactPrefix("!") } ?? ""
        let isBlock = style.hasExactPrefix("|") || style.hasExactPrefix(">")
        return isBlock ? firstLine.upperBound..<range.upperBound : range
    }

    private var block: String { (["directories:"] + fields).map { $0 + lines.end }.joined() }

    private var fields: [String] { ["    modules: \(Self.quoted(modules))", "    src: \(Self.quoted(sources))"] }

    private static func quoted(_ path: String) -> String {
        let isPlain = path.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789._-/".unicodeScalars.contains(scalar))
        }
        let looksLikeMore = Scalar(path, style: .plain).value != .text(path) || path.hasExactPrefix("-")
        return isPlain && !looksLikeMore ? path : "'\(path.replacing("'", with: "''"))'"
    }
}

extension Node {
    /// Returns true if both nodes have the same content, even at different places.
    fileprivate func isSame(as other: Node) -> Bool {
        switch (content, other.content) {
        case (.scalar(let mine), .scalar(let other)):
            ExactText.areEqual(mine.text, other.text) && mine.style == other.style
        case (.sequence(let mine), .sequence(let other)):
            mine.count == other.count && zip(mine, other).allSatisfy { $0.isSame(as: $1) }
        case (.mapping(let mine), .mapping(let other)):
            mine.count == other.count
                && zip(mine, other).allSatisfy { $0.key == $1.key && $0.value.isSame(as: $1.value) }
        default: false
        }
    }
}
