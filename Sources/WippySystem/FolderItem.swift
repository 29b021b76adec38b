import Glibc

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
    /// It is nil if the folder cannot be read. Then `errno` has the reason.
    package static func all(in path: String) -> [FolderItem]? {
        guard let folder = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(folder) }
        var items: [FolderItem] = []
        while let item = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &item.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) {
                items.append(FolderItem(name: name, type: unsafe Int(item.pointee.d_type)))
            }
        }
        return items
    }
}
