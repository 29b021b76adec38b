import Glibc
import WippySystem

/// The calls of the operating system that are needed to read a project.
enum FileSystem {
    /// The kind and identity of a file or folder, or of the one to which a symbolic link leads.
    struct Status: Hashable {
        enum Kind { case file, folder, other }

        let kind: Kind
        let identity: Identity
    }

    /// The identity of a file or folder, which is the same for all paths that lead to it.
    struct Identity: Hashable {
        let device: UInt64
        let number: UInt64
    }

    /// The reason why a file or folder cannot be used, as the rest of a sentence that begins with its path.
    struct Failure: Error, Equatable {
        let sentence: String
        var isAbsence = false
        var line = 0
        var column = 0

        /// Returns the failure of the system call that failed last.
        static func lastCall(doing action: String = "read") -> Failure {
            let code = errno
            guard code != ENOENT, code != ENOTDIR else { return Failure(sentence: "does not exist", isAbsence: true) }
            return Failure(sentence: "cannot be \(action): \(SystemError.words(for: code))")
        }
    }

    /// Returns the kind and identity of the file or folder at a path; nil if there is none, or if the system refuses.
    static func status(_ path: String) -> Status? { try? status(of: path) }

    /// Returns the kind and identity of the file or folder at a path.
    static func status(of path: String) throws(Failure) -> Status {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { throw .lastCall() }
        return Status(found)
    }

    /// Returns the path without symbolic links and dots; nil if the path leads nowhere.
    static func realPath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Returns the destination of a symbolic link; nil if there is no link at the path.
    static func destination(ofLink path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                unsafe text.baseAddress.map { unsafe readlink(path, $0, text.count) } ?? 0
            }
        }
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    /// The name of a file or folder.
    struct Name {
        /// The name, in which bytes that are not UTF-8 are written as `\xE9`.
        let text: String
        /// True if the name has such bytes.
        ///
        /// Then the system does not know the text as a name.
        let isEscaped: Bool
        /// True if it may be the name of a symbolic link, according to the folder.
        let mayBeLink: Bool

        fileprivate init(_ bytes: some Collection<UInt8>, mayBeLink: Bool) {
            self.mayBeLink = mayBeLink
            let valid = String(validating: bytes, as: UTF8.self)
            isEscaped = valid == nil
            text = valid ?? Name.escaped(bytes)
        }

        private static func escaped(_ bytes: some Collection<UInt8>) -> String {
            var text = ""
            var rest = Array(bytes)[...]
            while let byte = rest.first {
                let length = (1...4).first { String(validating: rest.prefix($0), as: UTF8.self) != nil } ?? 0
                text +=
                    length > 0 ? String(decoding: rest.prefix(length), as: UTF8.self) : "\\x\(String(byte, radix: 16))"
                rest.removeFirst(max(length, 1))
            }
            return text
        }
    }

    /// Returns the names in a folder, sorted by their bytes.
    static func names(in folder: String) throws(Failure) -> [Name] {
        guard let items = FolderItem.all(in: folder) else { throw .lastCall() }
        return items.map { Name($0.name, mayBeLink: [DT_LNK, DT_UNKNOWN].contains($0.type)) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// Returns the first 64 KiB of a file as text; the empty text if the file cannot be read.
    static func beginning(of path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Returns the text of a regular file of at most `limit` bytes.
    static func text(of path: String, limit: Int) throws(Failure) -> String {
        guard !path.utf8.contains(0) else { throw Failure(sentence: "does not exist", isAbsence: true) }
        let bytes = try self.bytes(of: path, limit: limit)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let place = placeOfInvalidText(in: bytes)
        throw Failure(sentence: "is not UTF-8 text", line: place.line, column: place.column)
    }

    /// Returns the bytes of a regular file of at most `limit` bytes.
    ///
    /// A pipe or a device is refused without a wait.
    private static func bytes(of path: String, limit: Int) throws(Failure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .lastCall() }
        defer { close(file) }
        var found = stat()
        guard unsafe fstat(file, &found) == 0 else { throw .lastCall() }
        guard Status(found).kind == .file else { throw Failure(sentence: "is not a file") }
        let tooLarge = Failure(sentence: "is larger than \(ByteCount(limit).written)")
        guard found.st_size <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(found.st_size))
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .lastCall() }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
            guard bytes.count <= limit else { throw tooLarge }
        }
    }

    private static func placeOfInvalidText(in bytes: [UInt8]) -> TextPlace {
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var place = TextPlace()
        while case .scalarValue(let scalar) = decoder.decode(&rest) { place.pass(scalar) }
        return place
    }
}

extension FileSystem.Status {
    fileprivate init(_ found: stat) {
        kind =
            switch found.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        identity = FileSystem.Identity(device: UInt64(found.st_dev), number: UInt64(found.st_ino))
    }
}
