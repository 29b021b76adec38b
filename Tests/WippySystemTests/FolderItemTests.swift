import Glibc
import Testing

@testable import WippySystem

/// What the system says of folders.
@Suite("What stands in a folder")
struct FolderItemTests {
    @Test("Of a record that ends where the memory ends, nothing behind its name is read")
    func recordAtEndOfMemory() async {
        await #expect(processExitsWith: .success) {
            let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
            let memory = try #require(
                mmap(nil, 2 * pageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
            try #require(memory != MAP_FAILED && mprotect(memory + pageBytes, pageBytes, PROT_NONE) == 0)
            let nameOffset = try #require(MemoryLayout<dirent>.offset(of: \.d_name))
            let typeOffset = try #require(MemoryLayout<dirent>.offset(of: \.d_type))
            // Records begin at multiples of eight bytes.
            let name = Array("1358\0".utf8)
            let recordBytes = (nameOffset + name.count + 7) / 8 * 8
            let record = memory + pageBytes - recordBytes
            record.storeBytes(of: UInt8(DT_LNK), toByteOffset: typeOffset, as: UInt8.self)
            (record + nameOffset).copyMemory(from: name, byteCount: name.count)
            let item = FolderItem(record.assumingMemoryBound(to: dirent.self))
            #expect(item.text == "1358" && item.type == Int(DT_LNK))
        }
    }

    @Test("The names and types in a folder are told, and not the folder itself and the one above it")
    func all() throws {
        let items = try #require(FolderItem.all(in: "/proc/self"))
        #expect(items.contains { $0.text == "fd" && $0.type == Int(DT_DIR) })
        #expect(items.contains { $0.text == "exe" && $0.type == Int(DT_LNK) })
        #expect(!items.contains { [".", ".."].contains($0.text) })
        #expect(FolderItem.all(in: "/proc/self/none") == nil)
    }

    @Test("A folder that cannot be read to its end has no list, but a reason")
    func unreadable() throws {
        let folder = try #require(opendir("/proc/self"))
        defer { closedir(folder) }
        let file = open("/dev/null", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        // The stream now reads from a file that is no folder.
        try #require(dup2(file, dirfd(folder)) >= 0)
        #expect(FolderItem.all(of: folder) == nil)
        #expect(errno == ENOTDIR)
    }
}
