import EventLoops
import Foundation
import Synchronization
import Testing
import WippyTestTools

struct DescriptorWatchTests {
    /// What a watch told of.
    private enum Told: Equatable {
        case ready(DescriptorWatch.Events)
        case read(Int)
        case failed(Int32)
        case closed
    }

    /// Two connected descriptors, which end with the value.
    private final class Pair: Sendable {
        let near: Int32
        let far: Int32

        /// Makes two connected sockets.
        static func sockets() throws -> Pair {
            var ends: [Int32] = [0, 0]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
            return Pair(near: ends[0], far: ends[1])
        }

        /// Makes a pipe, whose near end is the one to read or the one to write.
        static func pipe(isRead: Bool) throws -> Pair {
            var ends: [Int32] = [0, 0]
            try #require(Glibc.pipe(&ends) == 0)
            return isRead ? Pair(near: ends[0], far: ends[1]) : Pair(near: ends[1], far: ends[0])
        }

        private init(near: Int32, far: Int32) {
            (self.near, self.far) = (near, far)
        }

        private let isFarOpen = Mutex(true)

        func closeFar() {
            isFarOpen.withLock { isOpen in
                if isOpen { close(far) }
                isOpen = false
            }
        }

        deinit {
            close(near)
            closeFar()
        }
    }

    /// Makes a watch of the near end on a loop.
    private func watch(
        _ pair: Pair, on loop: EventLoop, for events: DescriptorWatch.Events, _ told: Events<Told>,
        then react: @escaping @Sendable (DescriptorWatch, DescriptorWatch.Events) -> Void = { _, _ in }
    ) async throws -> DescriptorWatch {
        try await Task(executorPreference: loop) {
            let held = Held()
            let watch = try DescriptorWatch(pair.near, on: loop) { events in
                #expect(loop.isCurrent)
                told.append(.ready(events))
                if let watch = held.watch { react(watch, events) }
            } closed: {
                told.append(.closed)
            }
            held.watch = watch
            try watch.wait(for: events)
            return watch
        }.value
    }

    /// The watch, for its own closure.
    private final class Held {
        weak var watch: DescriptorWatch?
    }

    private func on<Value: Sendable>(_ loop: EventLoop, _ body: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await Task(executorPreference: loop) { try body() }.value
    }

    /// Reads once without a wait, and tells the result.
    private static func read(_ watch: DescriptorWatch, _ told: Events<Told>) {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(watch.descriptor, &bytes, bytes.count)
        told.append(count < 0 ? .failed(errno) : .read(count))
        if count <= 0 { watch.close() }
    }

    @Test("Bytes and the end of a stream make a descriptor readable", arguments: [true, false])
    func readable(isPipe: Bool) async throws {
        let pair = try isPipe ? Pair.pipe(isRead: true) : Pair.sockets()
        try await withLoops(1) { group in
            let told = Events<Told>()
            let watch = try await watch(pair, on: group.next(), for: .readable, told) { watch, _ in
                Self.read(watch, told)
            }
            #expect(write(pair.far, "abc", 3) == 3)
            try await told.wait { $0.contains(.read(3)) }
            pair.closeFar()
            try await told.wait { $0.last == .closed }
            #expect(told.all.suffix(3) == [.ready(.readable), .read(0), .closed])
            #expect(watch.descriptor == pair.near)
        }
    }

    @Test("The watch tells again and again while nobody reads, and of nothing after stop")
    func stops() async throws {
        let pair = try Pair.sockets()
        try await withLoops(1) { group in
            let (loop, told) = (group.next(), Events<Told>())
            let watch = try await watch(pair, on: loop, for: .readable, told)
            #expect(write(pair.far, "abc", 3) == 3)
            try await told.wait(forCount: 3)
            let count = try await on(loop) {
                watch.stop()
                return told.all.count
            }
            // A second watch that tells of the same loop's turns.
            let turns = Events<Told>()
            let other = try Pair.sockets()
            _ = try await self.watch(other, on: loop, for: .writable, turns)
            try await turns.wait(forCount: 3)
            #expect(told.all.count == count)
            try await on(loop) { try watch.wait(for: .readable) }
            try await told.wait(forCount: count + 1)
        }
    }

    @Test("A socket is writable until the peer's buffer is full, and again when the peer has read")
    func writable() async throws {
        let pair = try Pair.sockets()
        try await withLoops(1) { group in
            let (loop, told) = (group.next(), Events<Told>())
            let bytes = [UInt8](repeating: 7, count: 1 << 16)
            let watch = try await watch(pair, on: loop, for: [.readable, .writable], told) { watch, events in
                #expect(events == .writable)
                while write(watch.descriptor, bytes, bytes.count) > 0 {}
                told.append(.failed(errno))
            }
            // The descriptor does not block since the watch was made, so the loop goes on.
            try await told.wait { $0.contains(.failed(EAGAIN)) }
            let count = try await on(loop) { told.all.count }
            #expect(count == 2)
            var taken = [UInt8](repeating: 0, count: 1 << 20)
            #expect(Glibc.read(pair.far, &taken, taken.count) > 0)
            try await told.wait(forCount: count + 1)
            try await on(loop) { watch.close() }
        }
    }

    @Test("A descriptor with an error is ready for all that is awaited, and its next use gets the error")
    func errors() async throws {
        let pair = try Pair.pipe(isRead: false)
        try await withLoops(1) { group in
            let (loop, told) = (group.next(), Events<Told>())
            var bytes = [UInt8](repeating: 7, count: 1 << 16)
            _ = fcntl(pair.near, F_SETFL, O_NONBLOCK)
            while write(pair.near, &bytes, bytes.count) > 0 {}
            let watch = try await watch(pair, on: loop, for: .writable, told) { watch, _ in
                #expect(write(watch.descriptor, "x", 1) == -1)
                told.append(.failed(errno))
                // Nothing is lost if the owner waits until the second time.
                if told.all.filter({ $0 == .failed(EPIPE) }).count == 2 { watch.close() }
            }
            #expect(told.all.isEmpty)
            pair.closeFar()
            try await told.wait { $0.last == .closed }
            #expect(
                told.all == [.ready(.writable), .failed(EPIPE), .ready(.writable), .failed(EPIPE), .closed])
            try await on(loop) { try watch.wait(for: .writable) }
        }
    }

    @Test("After close the descriptor may be closed at once, and its number may be used again")
    func reuse() async throws {
        try await withLoops(1) { group in
            let loop = group.next()
            for _ in 0..<3 {
                let told = Events<Told>()
                let pair = try Pair.sockets()
                let watch = try await watch(pair, on: loop, for: .readable, told) { watch, _ in
                    Self.read(watch, told)
                }
                let again = try Pair.sockets()
                let second = try await on(loop) {
                    watch.close()
                    watch.close()
                    watch.stop()
                    // The number of the watched descriptor now leads to another socket.
                    #expect(dup2(again.near, pair.near) == pair.near)
                    let second = try DescriptorWatch(pair.near, on: loop) { _ in told.append(.read(-1)) }
                    try second.wait(for: .readable)
                    #expect(write(again.far, "x", 1) == 1)
                    return second
                }
                try await told.wait { $0.contains(.closed) && $0.contains(.read(-1)) }
                #expect(!told.all.contains(.ready(.readable)))
                try await on(loop) { second.close() }
            }
        }
    }

    @Test("A descriptor has one watch on a loop, and a watch on another loop is another one")
    func single() async throws {
        let pair = try Pair.sockets()
        try await withLoops(2) { group in
            let (loop, other, told) = (group.next(), group.next(), Events<Told>())
            _ = try await watch(pair, on: loop, for: .readable, told)
            await #expect(throws: SocketError.self) { _ = try await watch(pair, on: loop, for: .readable, told) }
            _ = try await watch(pair, on: other, for: .readable, told)
            #expect(write(pair.far, "abc", 3) == 3)
            try await told.wait(forCount: 2)
        }
        try await withLoops(1) { group in
            let loop = group.next()
            let error = await #expect(throws: SocketError.self) {
                try await on(loop) {
                    let first = try DescriptorWatch(pair.near, on: loop) { _ in }
                    let second = try DescriptorWatch(pair.near, on: loop) { _ in }
                    try first.wait(for: .readable)
                    try second.wait(for: .writable)
                }
            }
            #expect(error?.errno == EEXIST)
        }
    }

    @Test("What cannot be watched is an error: a file, a closed descriptor, a loop that has ended")
    func refused() async throws {
        let folder = try TemporaryFolder()
        try folder.write("text", to: "file")
        let file = open(folder.file("file"), O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        func error(of descriptor: Int32) async -> SocketError? {
            await #expect(throws: SocketError.self) {
                try await on(loop) { _ = try DescriptorWatch(descriptor, on: loop) { _ in } }
            }
        }
        let ofFile = await error(of: file)
        #expect(ofFile?.code == .permissionDenied)
        #expect(ofFile?.message == "cannot watch the descriptor \(file): operation not permitted")
        let ofNothing = await error(of: -1)
        #expect(ofNothing?.errno == EBADF)
        await group.shutDown()
        let pair = try Pair.sockets()
        let atEnd = await error(of: pair.near)
        #expect(atEnd?.code == .shutDown)
    }

    @Test("The shutdown of the loops closes a watch, and leaves the descriptor open")
    func shutDown() async throws {
        let (pair, told) = (try Pair.sockets(), Events<Told>())
        let watch = try await withLoops(1) { group in
            try await self.watch(pair, on: group.next(), for: .readable, told)
        }
        #expect(told.all == [.closed])
        #expect(fcntl(watch.descriptor, F_GETFD) >= 0)
    }
}
