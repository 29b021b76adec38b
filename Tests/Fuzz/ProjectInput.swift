import Glibc

/// A small project in one text of any bytes: a golden file's form, so that golden files are inputs.
///
/// Lines such as `-- src/_index.yaml --` begin a file. The first two YAML files below `src` count, the first JSON file
/// there, `.wippy.yaml`, and `options`; a text without such a line is one definition file. `code.txt` stands beside them, for values to name.
struct ProjectInput {
    /// The definition files and the settings, by their paths.
    private(set) var files: [String: [UInt8]] = [:]

    /// How many bytes the text has.
    let size: Int

    private var options: [String] = []

    private static let definitions = ["src/_index.yaml", "src/more.yaml"]
    private static let json = "src/data.json"
    private static let settings = ".wippy.yaml"

    init(_ bytes: [UInt8]) {
        size = bytes.count
        var name: String?
        var hasSections = false
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if let title = Self.title(of: line) {
                name = slot(for: title)
                hasSections = true
                if let name { files[name] = [] }
            } else if let name {
                files[name]?.append(contentsOf: line)
                files[name]?.append(UInt8(ascii: "\n"))
            }
        }
        if !hasSections { files[Self.definitions[0]] = bytes }
        let text = files.removeValue(forKey: "options") ?? []
        options = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The same project when the second half of each file is not written yet.
    var halved: ProjectInput {
        var half = self
        half.files = files.mapValues { Array($0.prefix($0.count / 2)) }
        return half
    }

    private static func title(of line: ArraySlice<UInt8>) -> String? {
        guard line.count > 6, line.starts(with: "-- ".utf8), line.suffix(3).elementsEqual(" --".utf8) else {
            return nil
        }
        return String(decoding: line.dropFirst(3).dropLast(3), as: UTF8.self)
    }

    private func slot(for title: String) -> String? {
        if title == "options" || title == Self.settings { return title }
        guard title.hasPrefix("src/") else { return nil }
        let names = title.hasSuffix(".json") ? [Self.json] : Self.definitions
        return names.first { files[$0] == nil }
    }

    /// The values of an option, in order.
    func values(of name: String) -> [String] {
        options.compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return parts.first.map(String.init) == name ? parts.dropFirst().first.map(String.init) ?? "" : nil
        }
    }

    /// Puts the files into a folder, in the place of those that stand there.
    ///
    /// - Returns: whether all could be written.
    func write(to folder: String) -> Bool {
        (Self.definitions + [Self.json, Self.settings]).allSatisfy { name in
            let path = "\(folder)/\(name)"
            guard let bytes = files[name] else { return unlink(path) == 0 || errno == ENOENT }
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            defer { close(file) }
            return Glibc.write(file, bytes, bytes.count) == bytes.count
        }
    }
}
