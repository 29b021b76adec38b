import Glibc
import WippySystem
import WippyText

/// The process that listens on an address, according to `/proc`. (Linux only.)
struct PortHolder {
    /// The system's name for the process.
    let name: String
    let id: pid_t

    /// Finds the process that keeps others from listening on an address; nil if none is found.
    ///
    /// If several processes share the socket, the result is the process with the lowest number, which usually started
    /// the others. The search reads the data of each process that it may read, for at most 50 ms.
    static func ofAddress(_ address: SocketAddress) -> PortHolder? {
        let sockets = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeners(inTheWayOf: address, in: $0) })
        guard !sockets.isEmpty else { return nil }
        let end = ContinuousClock.now + .milliseconds(50)
        for id in [getpid()] + names(in: "/proc").compactMap({ pid_t($0) }).sorted() {
            let folder = "/proc/\(id)/fd"
            guard id == getpid() || ContinuousClock.now < end else { return nil }
            guard names(in: folder).contains(where: { link(at: "\(folder)/\($0)").map(sockets.contains) == true }),
                let name = text(of: "/proc/\(id)/comm")
            else { continue }
            return PortHolder(name: String(name.prefix { $0 != "\n" }).visible, id: id)
        }
        return nil
    }

    /// The sockets of a table that listen on a colliding address, each as text such as `socket:[4711]`.
    private static func listeners(inTheWayOf address: SocketAddress, in table: String) -> [String] {
        let lines = text(of: table)?.unicodeScalars.split(separator: "\n").dropFirst() ?? []
        guard let wanted = words(of: address) else { return [] }
        return lines.compactMap { line -> String? in
            let fields = String(line).unicodeScalars.split(separator: " ").map { String($0) }
            // The second field is the address, `0100007F:1F90`. The fourth is the state, and the tenth the socket's
            // number.
            guard fields.count > 9, fields[3] == "0A" else { return nil }
            let parts = fields[1].unicodeScalars.split(separator: ":").map { String($0) }
            let isInTheWay = parts[0] == wanted || isEvery(parts[0]) || isEvery(wanted)
            return isInTheWay && Int(parts[1], radix: 16) == address.port ? "socket:[\(fields[9])]" : nil
        }
    }

    private static func isEvery(_ words: some StringProtocol) -> Bool { words.allSatisfy { $0 == "0" } }

    /// An IP address as the tables write it: as words of four bytes, each in the byte order of this machine.
    private static func words(of address: SocketAddress) -> String? {
        let (family, range) = if case .version6 = address.kind { (AF_INET6, 8..<24) } else { (AF_INET, 4..<8) }
        return address.withSystemAddress(family: family) { system, length -> String in
            let bytes = UnsafeRawBufferPointer(start: system, count: Int(length))
            return stride(from: range.lowerBound, to: range.upperBound, by: 4).map { offset in
                let digits = String(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self), radix: 16)
                return String(repeating: "0", count: 8 - digits.count) + digits.uppercasedASCII
            }.joined()
        }
    }

    /// The names in a folder; empty if the folder cannot be read.
    private static func names(in path: String) -> [String] {
        (FolderItem.all(in: path) ?? []).map(\.text)
    }

    private static func link(at path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(file, &piece, piece.count)
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
