import FoundationEssentials
import Testing
import Wippy
import WippyTesting

@testable import own_kind

@Suite("The storage over a folder")
struct SecretFolderTests {
    @Test("It keeps the contract of a storage of variables")
    func contract() async throws {
        try await VariableStorageConformance(SecretFolderKind()) { texts, folder in
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
                try FileManager.default.removeItem(atPath: "\(folder)/\(file)")
            }
            for (name, text) in texts { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
            return ["folder": .string(folder)]
        }.check()
    }
}
