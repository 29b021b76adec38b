import Glibc
import WippySystem
import WippyText

/// The folder with the control sockets of a project's processes: `.wippy/run/PID.sock`.
///
/// Only the user of the processes can reach them: the folder has the mode 0700, and each socket 0600.
struct ControlFolder {
    /// The path of the folder, relative to the working directory.
    let path: String

    /// The folder of the project in the working directory.
    static let ofProject = ControlFolder(path: ".wippy/run")

    /// Returns the path of a process's socket.
    func socket(of id: pid_t) -> String { "\(path)/\(id).sock" }

    /// Makes the folder and the missing folders above it.
    ///
    /// - Throws: the system's error, or an error if the folder belongs to another user.
    func make() throws(ControlError) {
        var above = ""
        for part in path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            above += String(part) + "/"
            if unsafe mkdir(above, 0o755) != 0, errno != EEXIST, errno != EROFS { throw .ofSystem(above, errno) }
        }
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw .ofSystem(path, errno) }
        var found = stat()
        guard unsafe lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFDIR else {
            throw ControlError("'\(path)' is not a folder")
        }
        guard found.st_uid == geteuid() else { throw ControlError("'\(path)' belongs to another user") }
        if found.st_mode & 0o777 != 0o700, unsafe chmod(path, 0o700) != 0 { throw .ofSystem(path, errno) }
    }

    /// Returns the ids of the processes that listen, sorted.
    func processes() -> [pid_t] { ids.filter(isListening).sorted() }

    private func isListening(_ id: pid_t) -> Bool {
        do {
            _ = try ControlClient(of: id, in: self)
            return true
        } catch {
            return error.isTimeOut
        }
    }

    /// Removes the sockets of processes that were killed.
    ///
    /// A process puts its socket here only after it listens. So a socket is left over if no process listens at it.
    func sweep() {
        for id in ids {
            do {
                _ = try ControlClient(of: id, in: self)
            } catch {
                if error.isRefusal { _ = unsafe unlink(socket(of: id)) }
            }
        }
    }

    private var ids: [pid_t] {
        (FolderItem.all(in: path) ?? []).compactMap { item in
            item.text.hasExactSuffix(".sock") ? pid_t(String(item.text.unicodeScalars.dropLast(5))) : nil
        }
    }
}
