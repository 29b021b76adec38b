import WippyText

extension Project {
    /// The name of the working directory; nil at the root of the disk, or if the system does not give the name.
    public static var workingFolderName: String? {
        FileSystem.realPath(".")?.unicodeScalars.split(separator: "/").last.map(String.init)
    }

    /// Writes the files of a new project: all of them or none.
    ///
    /// It never overwrites a file.
    ///
    /// - Parameter files: the paths, relative to the working directory, and the texts.
    /// - Throws: ``InvalidProject`` if one of the files already exists or cannot be written. Then nothing is changed.
    public static func write(_ files: [(path: String, text: String)]) throws(InvalidProject) {
        var report = Report()
        for file in files where FileSystem.isTaken(file.path) {
            report.add(
                .error(
                    at: Location(source: file.path),
                    "the file already exists, and existing files are never overwritten"))
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
