import FoundationEssentials
import Wippy

/// The files of a queue's messages.
///
/// Sorted by name, they are in the order in which the messages came.
struct MessageFolder: Sendable {
    let path: String

    /// Returns the names of all files, the oldest first.
    ///
    /// Returns an empty list if the folder does not exist yet.
    func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".json") }.sorted()
    }

    /// Returns a name that comes after all existing names.
    func newName(for message: Message) -> String {
        let microseconds = String(Int(Date().timeIntervalSince1970 * 1_000_000))
        return String(repeating: "0", count: max(0, 20 - microseconds.count)) + microseconds + "-\(message.id).json"
    }

    /// Writes a message, either whole or not at all.
    func write(_ message: Message, as name: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let content: Value = [
            "id": .string("\(message.id)"), "body": message.body, "headers": .map(message.stamped().headers),
            "attempts": .integer(message.attempts),
        ]
        try Data(JSON.encode(content)).write(to: url(of: name), options: .atomic)
    }

    /// Reads a message; nil if the file does not contain a message.
    func read(_ name: String) throws -> Message? {
        let content = try? JSON.decode([UInt8](Data(contentsOf: url(of: name))))
        guard let content, let id = content["id"]?.string.flatMap({ UniqueID($0) }), let body = content["body"] else {
            return nil
        }
        return Message(
            id: id, body: body, headers: content["headers"]?.map ?? ValueMap(),
            attempts: content["attempts"]?.integer ?? 0)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: url(of: name))
    }

    private func url(of name: String) -> URL { URL(filePath: "\(path)/\(name)") }
}
