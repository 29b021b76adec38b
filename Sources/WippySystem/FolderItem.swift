import Glibc

/// What stands in a folder, as the folder says.
package struct FolderItem {
    /// Its name.
    package let name: [UInt8]

    /// What it is: `DT_REG`, `DT_DIR`, `DT_LNK` and so on.
    package let type: Int

    /// Its name as text.
    package var text: String { String(decoding: name, as: UTF8.self) }

    /// What stands in a folder, in no order and without the folder itself and the one above it; nil where it cannot be
    /// read, as `errno` says.
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
