import Glibc
import WippySystem

/// The processes of the system, from `/proc`. (Linux only.)
enum Processes {
    /// Returns the children of this process, their children, and so on.
    ///
    /// The list is empty if `/proc` is not mounted, or shows the processes of another container.
    static func descendants() -> [pid_t] {
        guard isOwn else { return [] }
        let ids = (FolderItem.all(in: "/proc") ?? []).compactMap { pid_t($0.text) }
        var children: [pid_t: [pid_t]] = [:]
        for id in ids { if let parent = parent(of: id) { children[parent, default: []].append(id) } }
        var found: [pid_t] = []
        var next = [getpid()]
        while let id = next.popLast() {
            let own = children.removeValue(forKey: id) ?? []
            found += own
            next += own
        }
        return found
    }

    /// True if `/proc` uses the process numbers of this process.
    private static var isOwn: Bool {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return unsafe readlink("/proc/self", start.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count > 0 && pid_t(String(decoding: bytes[..<count], as: UTF8.self)) == getpid()
    }

    /// Returns the parent of a process, the fourth field of `/proc/N/stat`.
    ///
    /// The second field is a name in parentheses, which may contain anything.
    private static func parent(of id: pid_t) -> pid_t? {
        let file = unsafe open("/proc/\(id)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        guard count > 0, let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)..<count].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? pid_t(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
