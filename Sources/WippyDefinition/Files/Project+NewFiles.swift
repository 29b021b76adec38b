import WippyText

extension Project {
    /// The name of the working directory; nil at the root of the disk, and if it cannot be known.
    public static var workingFolderName: String? {
        FileSystem.realPath(".")?.unicodeScalars.split(separator: "/").last.map(String.init)
    }

    /// Writes the files of a new project: all or none.
    ///
    /// It never overwrites a file.
    ///
    /// - Parameter files: their paths, relative to the working directory, and their texts.
    /// - Throws: ``InvalidProject`` with all obstacles. The folder is then as before.
    public static func write(_ files: [(path: String, text: String)]) throws(InvalidProject) {
        var report = Report()
        for file in files where FileSystem.isTaken(file.path) {
            report.add(
                .error(at: Location(source: file.path), "the file is there already, and nothing is written over"))
        }
        try report.throwIfInvalid()
        var folders: [String] = []
        var written: [String] = []
        for (path, text) in files {
            do throws(FileSystem.Failure) {
                folders += try FileSystem.makeFolder(Path.parent(path))
                try FileSystem.create(path, with: text)
                written.append(path)
            } catch {
                FileSystem.removeFiles(written)
                FileSystem.removeFolders(folders)
                throw InvalidProject(.error(at: Location(source: path), "the file \(error.sentence)"))
            }
        }
    }
}
