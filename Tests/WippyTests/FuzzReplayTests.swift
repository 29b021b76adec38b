import Foundation
import Testing
import WippyFuzz

/// What `make fuzz` begins with and what it once found, given to the same checks without a fuzzer.
///
/// One after another: the inputs are projects that take turns in one folder.
@Suite("Inputs of the fuzz targets", .serialized)
struct FuzzReplayTests {
    struct Input: CustomTestStringConvertible {
        let target: FuzzTarget
        let file: URL

        var testDescription: String { "\(target): \(file.lastPathComponent)" }
    }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    static let inputs = FuzzTarget.all.flatMap { target in
        var folders = ["Fuzz/Corpora/\(target)", "Fuzz/Crashers/\(target)"]
        if target.name == "yaml" { folders += ["WippyDefinitionTests/Golden", "WippyTests/Golden", "../src"] }
        return folders.flatMap(files).map { Input(target: target, file: $0) }
    }

    private static func files(in folder: String) -> [URL] {
        let found = try? FileManager.default.contentsOfDirectory(
            at: tests.appending(path: folder), includingPropertiesForKeys: nil)
        return (found ?? []).sorted { $0.path < $1.path }
    }

    @Test("Each target has some", arguments: FuzzTarget.all)
    func thereAreSome(_ target: FuzzTarget) {
        #expect(Self.inputs.count { $0.target.name == target.name } > 5)
    }

    @Test("The application that the fuzzer begins with can be built")
    func reachesTheBuild() throws {
        let index = Self.tests.appending(path: "../src/_index.yaml")
        #expect(try FuzzTarget.builds(Array(Data(contentsOf: index))))
    }

    @Test("What must hold of it holds", arguments: inputs)
    func holds(_ input: Input) throws {
        try input.target.check(Array(Data(contentsOf: input.file)))
    }
}
