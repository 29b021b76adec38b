import EventLoops
import Glibc
import Synchronization
import Testing
import WippyTestClient

struct ListenerTests {
    @Test("Connections are dealt to the loops in turn, each on its own loop")
    func dealtInTurn() async throws {
        let loops = Events<Int>()
        try await withServer(loops: 3) { connection in
            #expect(connection.loop.isCurrent)
            #expect(connection.remoteAddress.host == "127.0.0.1")
            loops.append(connection.loop.index)
        } during: { listener, _ in
            let clients = try (0..<30).map { _ in try TestClient(to: listener.localAddress) }
            let indices = try await loops.wait(forCount: clients.count)
            for index in 0..<3 { #expect(indices.filter { $0 == index }.count == 10) }
            #expect(listener.openConnections == 30)
        }
    }

    @Test("A port that is taken is named, with what to do")
    func portTaken() async throws {
        try await withLoops(1) { group in
            let first = try await Listener(on: .loopback(), group: group)
            await #expect {
                _ = try await Listener(on: first.localAddress, group: group)
            } throws: { error in
                let error = error as? SocketError
                return error?.code == .addressInUse && error?.errno == EADDRINUSE
                    && error?.message == """
                        cannot listen on \(first.localAddress): address already in use; \
                        this program already listens there; choose another port
                        """
            }
        }
    }

    @Test("An address that is not this machine's and a host that does not exist are errors")
    func unusableAddresses() async throws {
        try await withLoops(1) { group in
            let foreign = try SocketAddress(parsing: "192.0.2.1:0")
            await #expect { _ = try await Listener(on: foreign, group: group) } throws: { error in
                (error as? SocketError)?.code == .addressNotAvailable
            }
            let ofOneLink = try SocketAddress(parsing: "[fe80::1]:0")
            await #expect { _ = try await Listener(on: ofOneLink, group: group) } throws: { error in
                let error = error as? SocketError
                return error?.errno != EINVAL || error?.message.contains("needs an interface") == true
            }
            let unknown = try SocketAddress(parsing: "no-such-host.invalid:0")
            await #expect { _ = try await Listener(on: unknown, group: group) } throws: { error in
                (error as? SocketError)?.code == .unknownHost
            }
        }
    }

    @Test("A listener on all addresses serves IPv4 and, where there is any, IPv6", arguments: ["", "[::]"])
    func dualStack(host: String) async throws {
        let peers = Events<String>()
        try await withLoops(1) { group in
            let listener = try await Listener(on: SocketAddress(parsing: "\(host):0"), group: group)
            listener.start { peers.append($0.remoteAddress.host) }
            let port = listener.localAddress.port
            #expect(listener.localAddress.description == "\(host):\(port)")
            let four = try TestClient(to: .loopback(port: UInt16(port)))
            #expect(try await peers.wait(forCount: 1) == ["127.0.0.1"])
            let six = try? TestClient(to: SocketAddress(parsing: "[::1]:\(port)"))
            if six != nil { #expect(try await peers.wait(forCount: 2) == ["127.0.0.1", "::1"]) }
            _ = four
        }
    }

    @Test("A listener on a name listens where the name points")
    func byName() async throws {
        try await withLoops(1) { group in
            let listener = try await Listener(on: SocketAddress(parsing: "localhost:0"), group: group)
            listener.start(accept: EchoHandler.serve)
            #expect(["127.0.0.1", "::1"].contains(listener.localAddress.host))
            let client = try TestClient(to: listener.localAddress)
            try client.send("x")
            #expect(try await onThread { try client.receive(exactly: 1) } == Array("x".utf8))
        }
    }

    @Test("Who waits in the kernel's queue when the listener stops is served; who comes later is refused")
    func stopServesTheBacklog() async throws {
        try await withLoops(2) { group in
            let listener = try await Listener(on: .loopback(), group: group, maxConnections: 3)
            let clients = try (0..<200).map { _ in try TestClient(to: listener.localAddress) }
            for client in clients { try client.send("x") }
            let accepted = Events<Int>()
            listener.start { connection in
                accepted.append(connection.loop.index)
                EchoHandler.serve(connection)
            }
            await listener.stop()
            #expect(accepted.all.count == 200)
            await listener.stop()
            for client in clients { #expect(try await onThread { try client.receive(exactly: 1) }.count == 1) }
            #expect(throws: TestClient.Failure(errno: ECONNREFUSED)) { try TestClient(to: listener.localAddress) }
        }
    }

    @Test("A stop amid a storm of new connections resets none of them", arguments: 0..<5)
    func stopUnderLoad(round: Int) async throws {
        try await withServer(accept: EchoHandler.serve) { listener, _ in
            let address = listener.localAddress
            let served = Events<Int>()
            let outcomes = try await withThrowingTaskGroup(of: Int32.self) { tasks in
                for _ in 0..<4 {
                    tasks.addTask { try await onThread { Self.connectUntilRefused(address, served) } }
                }
                try await served.wait(forCount: 50 + round * 17)
                await listener.stop()
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == [ECONNREFUSED, ECONNREFUSED, ECONNREFUSED, ECONNREFUSED])
        }
    }

    /// - Returns: Why it could not go on; being refused is right, the loss of an open connection is 0 or less.
    private static func connectUntilRefused(_ address: SocketAddress, _ served: Events<Int>) -> Int32 {
        while true {
            let client: TestClient
            do {
                client = try TestClient(to: address)
            } catch {
                return (error as? TestClient.Failure)?.errno ?? 0
            }
            do {
                guard try client.echo("x") == "x" else { return 0 }
            } catch {
                return -((error as? TestClient.Failure)?.errno ?? 0)
            }
            served.append(1)
        }
    }

    @Test("Stopping before the start, twice, at once and after the shut-down returns")
    func stopAnyTime() async throws {
        let group = try EventLoopGroup(count: 1)
        let never = try await Listener(on: .loopback(), group: group)
        await never.stop()
        await never.stop()
        let twice = try await Listener(on: .loopback(), group: group)
        twice.start { $0.close() }
        async let first: Void = twice.stop()
        async let second: Void = twice.stop()
        _ = await (first, second)
        let late = try await Listener(on: .loopback(), group: group)
        late.start { $0.close() }
        await group.shutDown()
        await late.stop()
        #expect(throws: TestClient.Failure(errno: ECONNREFUSED)) { try TestClient(to: late.localAddress) }
    }

    @Test("At the maximum accepting pauses, and goes on with each connection that closes")
    func maximum() async throws {
        let accepted = Events<Connection>()
        try await withServer(maxConnections: 2) { connection in
            accepted.append(connection)
        } during: { listener, _ in
            let clients = try (0..<5).map { _ in try TestClient(to: listener.localAddress) }
            for open in 2..<5 {
                let connections = try await accepted.wait(forCount: open)
                #expect(connections.count == open)
                #expect(listener.openConnections <= 2)
                let oldest = connections[open - 2]
                oldest.loop.execute { oldest.close() }
            }
            try await accepted.wait(forCount: 5)
            #expect(listener.pauses >= 1)
            _ = clients
        }
    }

    @Test("With few file descriptors accepting pauses, and goes on when a connection closes or others become free")
    func fewDescriptors() async {
        await #expect(processExitsWith: .success) {
            // Nil stands for an accepted connection.
            let events = Events<SocketError?>()
            try await withLoops(2) { group in
                let listener = try await Listener(on: .loopback(), group: group) { events.append($0) }
                listener.start { connection in
                    events.append(nil)
                    connection.handler = ReportingHandler(connection, Events()) { connection, told in
                        if case .received(let bytes) = told { connection.write(bytes) }
                        if told == .end { connection.close() }
                    }
                    connection.startReading()
                }
                let first = try TestClient(to: listener.localAddress)
                #expect(try await onThread { try first.echo("a") } == "a")
                let taken = takeDescriptors(leaving: 20)

                /// Connects clients until one of them is not accepted.
                func fill(_ clients: inout [TestClient]) async throws -> TestClient {
                    while true {
                        let count = events.all.count
                        let client = try TestClient(to: listener.localAddress)
                        clients.append(client)
                        guard let error = try await events.wait(forCount: count + 1)[count] else { continue }
                        #expect(error.code == .outOfResources)
                        return client
                    }
                }
                var clients: [TestClient] = []
                let second = try await fill(&clients)
                #expect(clients.count > 1)
                first.finishSending()
                #expect(try await onThread { try second.echo("b") } == "b")

                let third = try await fill(&clients)
                for descriptor in taken { close(descriptor) }
                #expect(try await onThread { try third.echo("c") } == "c")
                #expect(listener.pauses >= 2)
            }
        }
    }
}

/// Limits this process to 4,096 descriptors, and takes all but the last ones; the caller closes what it returns.
///
/// So many, because the process may have inherited some hundreds. Some are always free, because Swift's runtime ends a
/// process that has none.
private func takeDescriptors(leaving count: Int32) -> [Int32] {
    var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    var taken: [Int32] = []
    while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 {
        taken.append(descriptor)
        if descriptor >= 4095 - count { break }
    }
    return taken
}
