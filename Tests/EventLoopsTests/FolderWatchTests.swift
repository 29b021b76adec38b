import EventLoops
import Foundation
import Testing
import WippyTestTools

struct FolderWatchTests {
    /// What a watch told of: a folder and a name in it, or nil for the folder itself.
    private struct Told: Equatable {
        let folder: String
        let name: String?
    }

    /// A watch on a loop, which tells what it is told.
    private final class Watching: Sendable {
        let told = Events<Told>()
        private let loop: EventLoop
        private let watch: FolderWatch

        init(on loop: EventLoop) async {
            let told = told
            self.loop = loop
            watch = await Task(executorPreference: loop) {
                FolderWatch(on: loop) { told.append(Told(folder: $0, name: $1)) }
            }.value
        }

        @discardableResult
        func follow(_ folders: [String]) async -> FolderWatch.Following {
            await Task(executorPreference: loop) { [watch] in watch.follow(folders) }.value
        }

        func close() async {
            await Task(executorPreference: loop) { [watch] in watch.close() }.value
        }
    }

    private func withWatch(_ body: (Watching, TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try await withLoops(1) { group in
            try await body(await Watching(on: group.next()), folder)
        }
    }

    @Test("Each file that is made, written, renamed or removed is told of by its folder")
    func files() async throws {
        try await withWatch { watching, folder in
            let following = await watching.follow([folder.path])
            #expect(following.added == [folder.path] && following.failed.isEmpty && following.left == 0)
            try folder.write("one", to: "a.yaml")
            try await watching.told.wait { $0.contains(Told(folder: folder.path, name: "a.yaml")) }
            try FileManager.default.moveItem(atPath: folder.file("a.yaml"), toPath: folder.file("b.yaml"))
            try await watching.told.wait { $0.contains(Told(folder: folder.path, name: "b.yaml")) }
            let before = watching.told.all.count
            try FileManager.default.removeItem(atPath: folder.file("b.yaml"))
            try await watching.told.wait { $0.dropFirst(before).contains(Told(folder: folder.path, name: "b.yaml")) }
        }
    }

    @Test("A link that is pointed elsewhere is told of")
    func links() async throws {
        try await withWatch { watching, folder in
            try folder.link("current", to: "one")
            await watching.follow([folder.path])
            try folder.link("next", to: "two")
            #expect(rename(folder.file("next"), folder.file("current")) == 0)
            try await watching.told.wait { $0.contains(Told(folder: folder.path, name: "current")) }
        }
    }

    @Test("A folder that is followed no more tells nothing, and neither does a watch that is closed")
    func unfollowed() async throws {
        try await withWatch { watching, folder in
            try folder.write("", to: "one/x")
            try folder.write("", to: "two/x")
            await watching.follow([folder.file("one"), folder.file("two")])
            #expect(await watching.follow([folder.file("two")]).added.isEmpty)
            try folder.write("", to: "one/a")
            try folder.write("", to: "two/a")
            try await watching.told.wait { $0.contains(Told(folder: folder.file("two"), name: "a")) }
            #expect(!watching.told.all.contains { $0.folder == folder.file("one") })
            await watching.close()
            await watching.close()
            #expect(await watching.follow([folder.path]).added.isEmpty)
        }
    }

    @Test("A folder that went and came back tells its going, counts as new and tells again")
    func comingBack() async throws {
        try await withWatch { watching, folder in
            try folder.write("", to: "src/x")
            await watching.follow([folder.path, folder.file("src")])
            try FileManager.default.removeItem(atPath: folder.file("src"))
            try await watching.told.wait { $0.contains(Told(folder: folder.file("src"), name: nil)) }
            #expect(await watching.follow([folder.path, folder.file("src")]).added.isEmpty)
            try folder.write("", to: "src/y")
            #expect(await watching.follow([folder.path, folder.file("src")]).added == [folder.file("src")])
            try folder.write("", to: "src/z")
            try await watching.told.wait { $0.contains(Told(folder: folder.file("src"), name: "z")) }
        }
    }

    @Test("What is not there is passed over; a bound holds")
    func bounds() async throws {
        try await withWatch { watching, folder in
            let absent = (0...FolderWatch.maxFolders).map { folder.file("absent\($0)") }
            let following = await watching.follow(absent + [folder.path])
            #expect(following.added.isEmpty && following.failed.isEmpty && following.left == 2)
        }
    }

    @Test("The path of a file is passed over until a folder takes its place")
    func singleFile() async throws {
        try await withWatch { watching, folder in
            try folder.write("", to: "src")
            let following = await watching.follow([folder.file("src"), folder.path])
            #expect(following.added == [folder.path] && following.failed.isEmpty)
            try folder.write("more", to: "src")
            try await watching.told.wait { $0.contains(Told(folder: folder.path, name: "src")) }
            #expect(!watching.told.all.contains { $0.folder == folder.file("src") })
            try FileManager.default.removeItem(atPath: folder.file("src"))
            try folder.write("", to: "src/x")
            #expect(await watching.follow([folder.file("src"), folder.path]).added == [folder.file("src")])
        }
    }

    @Test("A shut-down of the loops ends a watch that nobody has closed")
    func shutDown() async throws {
        let folder = try TemporaryFolder()
        let group = try EventLoopGroup(count: 1)
        let watching = await Watching(on: group.next())
        await watching.follow([folder.path])
        await group.shutDown()
        try folder.write("", to: "x")
        #expect(watching.told.all.isEmpty)
    }
}
