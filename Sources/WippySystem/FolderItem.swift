package import Glibc

/// An item in a folder, with the data that the folder has about it.
package struct FolderItem {
    /// The item's name.
    package let name: [UInt8]

    /// The item's type: `DT_REG`, `DT_DIR`, `DT_LNK` and so on.
    package let type: Int

    /// The item's name as text.
    package var text: String { String(decoding: name, as: UTF8.self) }

    /// Returns the items in a folder, in no particular order, without `.` and `..`.
    ///
    /// The result is nil if the folder cannot be opened, or not be read to its end. Then `errno` has the reason.
    package static func all(in path: String) -> [FolderItem]? {
        guard let folder = unsafe opendir(path) else { return nil }
        let items = unsafe all(of: folder)
        let reason = errno
        unsafe closedir(folder)
        errno = reason
        return items
    }

    /// Returns the rest of the items in an open folder, as ``all(in:)`` does.
    static func all(of folder: OpaquePointer) -> [FolderItem]? {
        var items: [FolderItem] = []
        while true {
            // At the end of the folder, the result is nil too, and `errno` keeps its value.
            errno = 0
            guard let record = unsafe readdir(folder) else { return errno == 0 ? items : nil }
            let item = unsafe FolderItem(record)
            if item.name != Array(".".utf8), item.name != Array("..".utf8) { items.append(item) }
        }
    }

    /// Reads a record of `readdir`.
    ///
    /// A record ends with its name, and may end where the memory ends. But its type in C has room for the longest name.
    /// So only the bytes up to the name's zero byte are read.
    package init(_ record: UnsafePointer<dirent>) {
        let start = unsafe (UnsafeRawPointer(record) + Self.nameOffset).assumingMemoryBound(to: UInt8.self)
        let count = unsafe strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
        name = unsafe Array(UnsafeBufferPointer(start: start, count: count))
        type = unsafe Int(record.pointee.d_type)
    }

    private static let nameOffset: Int = {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else {
            preconditionFailure("the record of a folder's item has no name")
        }
        return offset
    }()
}
