import Foundation
import Testing
import WippyTesting

@Suite("init --template")
struct TemplateTests {
    /// Runs the command in a fresh folder, whose files are returned, too.
    private func run(
        _ arguments: [String], in folder: TemporaryFolder
    ) async throws -> (status: Int32, output: String, files: Set<String>) {
        let program = try ChildApplication("wippy-swift", in: folder, ["init"] + arguments)
        let status = try await program.exitStatus()
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return (status, program.output, Set(names.filter { !$0.hasPrefix("log-") }))
    }

    @Test("A template is a whole package, whose YAML has no mistake", arguments: ["hello", "task-queue", "worker"])
    func whole(_ template: String) async throws {
        let folder = try TemporaryFolder()
        let (status, output, files) = try await run(
            ["--template", template, "--name", "my-own_service", "--package", ChildApplication.repository.path],
            in: folder)
        #expect(status == 0, "\(output)")
        #expect(
            files.isSuperset(of: [
                "Package.swift", "Makefile", "Dockerfile", ".dockerignore", ".gitignore", "README.md",
                "schema.json",
                "src/_index.yaml",
                "wippy.lock", "my-own_service.service", "Sources/MyOwnService/MyOwnService.swift",
            ]))
        for file in files.subtracting(["src", "Sources", "Tests"]) {
            guard let text = try? folder.text(of: file) else { continue }
            #expect(!text.contains("{{") && text.hasSuffix("\n") && !text.hasSuffix("\n\n"), "\(file)")
            // The expressions of a schema are as long as they are.
            guard file != "schema.json" else { continue }
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 200 && !$0.hasSuffix(" ") }, "\(file)")
        }
        let package = try folder.text(of: "Package.swift")
        let path = ChildApplication.repository.path
        #expect(package.contains(#".package(name: "wippy-swift", path: "\#(path)")"#), "\(package)")
        #expect(output.contains("Next:\n1. ") && output.contains("\n3. "))
    }

    @Test(
        "With handlers in Lua it is a project without a package, whose tests pass",
        arguments: ["hello", "task-queue", "worker"])
    func scripts(_ template: String) async throws {
        let folder = try TemporaryFolder()
        // A project without a package may be called as one of this package's programs.
        let (status, output, files) = try await run(
            ["--template", template, "--handlers", "lua", "--name", "task-queue"], in: folder)
        #expect(status == 0 && output.contains("Next:\n1. ") && output.contains("\n3. "), "\(output)")
        #expect(
            files.isSuperset(of: [
                "Makefile", ".gitignore", "README.md", "schema.json", "src/_index.yaml", "src/tests/_index.yaml",
                "src/tests/run.lua", "task-queue.service", "wippy.lock",
            ]))
        #expect(files.isDisjoint(with: ["Package.swift", "Sources", "Dockerfile"]))

        let lint = try ChildApplication("wippy-swift", in: folder, ["lint", "--strict"])
        #expect(try await lint.exitStatus() == 0, "\(lint.output)")
        let makefile = try folder.text(of: "Makefile")
        let command = try #require(makefile.firstMatch(of: /\twippy-swift (test.*)/)?.output.1)
        let tests = try ChildApplication("wippy-swift", in: folder, command.split(separator: " ").map(String.init))
        #expect(try await tests.exitStatus() == 0, "\(tests.output)")
        #expect(tests.output.contains("2 passed, 0 failed"), "\(tests.output)")
    }

    @Test("A project that is called as one of its template's handlers has a module of another name")
    func calledAsHandler() async throws {
        let folder = try TemporaryFolder()
        let (status, output, files) = try await run(["--template", "hello", "--name", "greet"], in: folder)
        #expect(status == 0, "\(output)")
        #expect(
            files.isSuperset(of: [
                "Sources/GreetApp/Greet.swift", "Sources/GreetApp/GreetApp.swift",
                "Tests/GreetAppTests/GreetTests.swift",
            ]))
        let package = try folder.text(of: "Package.swift")
        #expect(package.contains(#".executable(name: "greet", targets: ["GreetApp"])"#), "\(package)")
    }

    @Test("No file that is there is written over, and none is written beside it")
    func nothingOver() async throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "README.md")
        try folder.link("Dockerfile", to: "nowhere")
        let (status, output, files) = try await run(["--template", "hello", "--name", "hello"], in: folder)
        #expect(status == 1)
        #expect(output.contains("README.md: error: the file already exists"))
        #expect(output.contains("Dockerfile: error: the file already exists"))
        #expect(files == ["README.md", "Dockerfile"])
        #expect(try folder.text(of: "README.md") == "mine")
    }

    @Test("What is in the way of a file leaves nothing behind")
    func nothingLeft() async throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "Sources")
        let (status, output, files) = try await run(["--template", "hello", "--name", "hello"], in: folder)
        #expect(status == 1 && output.contains("something else has this name"), "\(output)")
        #expect(files == ["Sources"])
    }

    @Test("Other files are none of its business, and an existing lock file keeps its modules")
    func others() async throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "notes.txt")
        try folder.write("modules: []\n", to: "wippy.lock")
        let (status, output, _) = try await run(["--template", "worker", "--name", "jobs"], in: folder)
        #expect(status == 0, "\(output)")
        #expect(try folder.text(of: "wippy.lock").contains("modules: []"))
    }

    @Test(
        "What cannot be meant is refused with a sentence, and nothing is written",
        arguments: [
            (["--template", "helo"], "did you mean 'hello'?"),
            (["--template", "hello", "--handlers", "lau"], "did you mean 'lua'?"),
            (["--template", "hello", "--handlers", "go"], "use one of swift, lua"),
            (["--template", "hello", "--handlers", "lua", "--package", "."], "has no Swift package"),
            (["--template", "hello", "--handlers", "lua", "--name", "../x"], "no project can be called '../x'"),
            (["--template", "hello", "--name", "../x"], "no project can be called '../x'"),
            (["--template", "hello", "--name", "1st"], "no project can be called"),
            (["--template", "hello", "--name", "task-queue"], "such as 'my-task-queue'"),
            (["--template", "hello", "--name", "swift"], "a module 'Swift' already exists"),
            (["--template", "hello", "--name", "wippy-testing"], "a module 'WippyTesting' already exists"),
            (["--template", "hello", "--package", "./nowhere"], "neither a URL nor a folder with a Package.swift"),
            (["--template", "hello", "--package", "it's"], "cannot hold quotes"),
            (["--template", "hello", "-d", "app"], "leave out '--src-dir'"),
            (["--name", "x"], "need '--template'"),
        ])
    func refused(_ arguments: [String], _ sentence: String) async throws {
        let folder = try TemporaryFolder()
        let named = arguments.contains("--name") ? [] : ["--name", "service"]
        let (status, output, files) = try await run(arguments + named, in: folder)
        #expect(status == 1 && output.contains(sentence), "\(output)")
        #expect(files == [])
    }

    @Test("A URL is a dependency of this version, under the name that SwiftPM gives it")
    func url() async throws {
        let folder = try TemporaryFolder()
        let (status, _, _) = try await run(
            ["--template", "hello", "--name", "x", "--package", "https://example.com/runtimes/wippy.git"], in: folder)
        #expect(status == 0)
        let package = try folder.text(of: "Package.swift")
        #expect(package.contains(#".package(url: "https://example.com/runtimes/wippy.git", from: "0.1.0")"#))
        #expect(package.contains(#".product(name: "Wippy", package: "wippy")"#))
        let dockerfile = try folder.text(of: "Dockerfile")
        #expect(!dockerfile.contains("--from=wippy-swift"))
    }
}
