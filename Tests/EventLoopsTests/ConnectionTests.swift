import EventLoops
import Glibc
import Testing
import WippyTestClient

struct ConnectionTests {
    @Test("What is sent in pieces of any size comes back whole")
    func echo() async throws {
        try await withServer(accept: EchoHandler.serve) { listener, _ in
            let bytes = pattern(2_000_000)
            let client = try TestClient(to: listener.localAddress)
            async let back = onThread { try client.receiveToEnd() }
            try await onThread {
                var start = 0
                var size = 1
                while start < bytes.count {
                    let end = min(start + size, bytes.count)
                    try client.send(Array(bytes[start..<end]))
                    start = end
                    size = size * 3 % 100_003
                }
                client.finishSending()
            }
            #expect(try await back == bytes)
        }
    }

    @Test("The peer's half-close leaves writing open, and the answer arrives")
    func peerHalfCloses() async throws {
        let events = Events<Told>()
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events) { connection, told in
                guard told == .end else { return }
                connection.write(Array("answer".utf8))
                connection.finishWriting()
            }
            connection.startReading()
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            let answer = try await onThread {
                try client.send("question")
                client.finishSending()
                return try client.receiveToEnd()
            }
            #expect(answer == Array("answer".utf8))
            let told = try await events.wait { $0.contains(.drained(unwritten: 0)) }
            #expect(told.received == Array("question".utf8))
        }
    }

    @Test("Our half-close ends the peer's reading after all that was written, and we still receive")
    func ourHalfClose() async throws {
        let events = Events<Told>()
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events) { connection, told in
                if told == .end { connection.close() }
            }
            connection.write(pattern(1_000_000))
            connection.finishWriting()
            connection.finishWriting()
            connection.write(Array("dropped".utf8))
            connection.startReading()
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            let written = try await onThread {
                let written = try client.receiveToEnd()
                try client.send("late")
                client.finishSending()
                return written
            }
            #expect(written == pattern(1_000_000))
            let told = try await events.wait { $0.last == .closed(nil) }
            #expect(told.received == Array("late".utf8))
            #expect(told.suffix(2) == [.end, .closed(nil)])
        }
    }

    @Test("What one turn writes is one batch, whatever the number of pieces")
    func batch() async throws {
        let events = Events<Told>()
        let unwritten = Events<Int>()
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events)
            for byte in UInt8(0)..<200 { connection.write([byte, byte]) }
            unwritten.append(connection.unwrittenBytes)
        } during: { listener, group in
            let client = try TestClient(to: listener.localAddress)
            let bytes = try await onThread { try client.receive(exactly: 400) }
            #expect(bytes == (UInt8(0)..<200).flatMap { [$0, $0] })
            await group.shutDown()
            #expect(unwritten.all == [400])
            #expect(events.all == [.drained(unwritten: 0), .closed(.shutDown)])
        }
    }

    @Test("A flush gives the bytes to the system before the turn ends")
    func flush() async throws {
        let unwritten = Events<Int>()
        try await withServer { connection in
            connection.write([1, 2, 3])
            unwritten.append(connection.unwrittenBytes)
            connection.flush()
            unwritten.append(connection.unwrittenBytes)
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            #expect(try await onThread { try client.receive(exactly: 3) } == [1, 2, 3])
            #expect(try await unwritten.wait(forCount: 2) == [3, 0])
        }
    }

    @Test("A peer that reads nothing leaves bytes unwritten; once it reads, all arrive and the writer hears of it")
    func backPressure() async throws {
        let size = 16_000_000
        let events = Events<Told>()
        let unwritten = Events<Int>()
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events)
            let bytes = pattern(size)
            for start in stride(from: 0, to: size, by: 100_000) {
                connection.write(Array(bytes[start..<start + 100_000]))
            }
            connection.flush()
            unwritten.append(connection.unwrittenBytes)
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress, receiveBuffer: 65_536)
            let stuck = try await unwritten.wait(forCount: 1)[0]
            #expect(stuck > Connection.waterMark)
            #expect(events.all.isEmpty)

            let bytes = try await onThread { try client.receive(exactly: size) }
            #expect(bytes == pattern(size))
            let told = try await events.wait { $0.contains(.drained(unwritten: 0)) }
            #expect(told.count <= 2)
            let isBelowMark = told.allSatisfy { told in
                if case .drained(let left) = told { left <= Connection.waterMark } else { false }
            }
            #expect(isBelowMark)
        }
    }

    @Test("Closing amid a long write sends a prefix, drops the rest and is reported once")
    func closeWhileWriting() async throws {
        let events = Events<Told>()
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events)
            connection.write(pattern(16_000_000))
            connection.flush()
            connection.close()
            connection.close()
            connection.write([1])
            connection.finishWriting()
            connection.startReading()
            connection.stopReading()
            connection.flush()
            connection.reset()
        } during: { listener, group in
            let client = try TestClient(to: listener.localAddress, receiveBuffer: 65_536)
            try await events.wait(forCount: 1)
            let bytes = try await onThread { try client.receiveToEnd() }
            #expect(bytes.count < 16_000_000)
            #expect(bytes == Array(pattern(16_000_000).prefix(bytes.count)))
            await group.shutDown()
            #expect(events.all == [.closed(nil)])
        }
    }

    @Test("What was written just before a close still goes out")
    func closeAfterWrite() async throws {
        try await withServer { connection in
            connection.write(Array("goodbye".utf8))
            connection.close()
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            #expect(try await onThread { try client.receiveToEnd() } == Array("goodbye".utf8))
        }
    }

    @Test("A peer's reset is reported once, as a lost connection", arguments: [false, true])
    func peerResets(whileWriting: Bool) async throws {
        let events = Events<Told>()
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events)
            if whileWriting { connection.write(pattern(16_000_000)) } else { connection.write([1]) }
            connection.startReading()
        } during: { listener, group in
            let client = try TestClient(to: listener.localAddress, receiveBuffer: 65_536)
            _ = try await onThread { try client.receive(exactly: 1) }
            client.reset()
            try await events.wait { $0.contains(.closed(.connectionLost)) }
            await group.shutDown()
            #expect(events.all.last == .closed(.connectionLost))
            #expect(events.all.filter { $0 == .closed(.connectionLost) }.count == 1)
            #expect(listener.openConnections == 0)
        }
    }

    @Test("Our reset is an error to the peer")
    func ourReset() async throws {
        try await withServer {
            $0.reset()
        } during: { listener, _ in
            await #expect(throws: TestClient.Failure(errno: ECONNRESET)) {
                _ = try await onThread { try TestClient(to: listener.localAddress).receiveToEnd() }
            }
        }
    }

    @Test("While reading is stopped nothing arrives; then everything does, in order")
    func stoppedReading() async throws {
        let events = Events<Told>()
        let connections = Events<Connection>()
        try await withServer(loops: 1) { connection in
            connections.append(connection)
            guard connections.all.count == 1 else { return }
            connection.handler = ReportingHandler(connection, events) { connection, told in
                if case .received = told { connection.stopReading() }
            }
            connection.startReading()
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            try client.send("one")
            let connection = try await connections.wait(forCount: 1)[0]
            try await events.wait { $0.received.count == 3 }
            try client.send("two")
            client.finishSending()
            // The kernel has handed "two" over: a round trip through the loop sees it if it were read.
            try await onThread { _ = try TestClient(to: listener.localAddress) }
            try await connections.wait(forCount: 2)
            #expect(events.all == [.received(Array("one".utf8))])
            connection.loop.execute { connection.startReading() }
            try await events.wait { $0.received.count == 6 }
            connection.loop.execute { connection.startReading() }
            try await events.wait { $0.contains(.end) }
            #expect(events.all.received == Array("onetwo".utf8))
        }
    }

    @Test("A task on the connection's loop may drive it and stays there")
    func taskPerConnection() async throws {
        let onLoop = Events<Bool>()
        try await withServer { connection in
            Task(executorPreference: connection.loop) {
                onLoop.append(connection.loop.isCurrent)
                connection.write(Array("hello".utf8))
                connection.finishWriting()
            }
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            #expect(try await onThread { try client.receiveToEnd() } == Array("hello".utf8))
            #expect(onLoop.all == [true])
        }
    }

    @Test("Writing to a peer that is gone is an error and does not end the process")
    func noSignal() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let events = Events<Told>()
            try await withServer { connection in
                connection.handler = ReportingHandler(connection, events) { connection, told in
                    if case .drained = told { connection.write(pattern(1000)) }
                }
                connection.write(pattern(1000))
            } during: { listener, _ in
                _ = try await onThread { try TestClient(to: listener.localAddress).receive(exactly: 10) }
                try await events.wait { $0.last == .closed(.connectionLost) }
            }
        }
    }

    @Test("A half-close closes the connection also if the peer ended and then broke it", .timeLimit(.minutes(15)))
    func halfCloseAfterReset() async throws {
        let (events, accepted) = (Events<Told>(), Events<Connection>())
        try await withServer { connection in
            connection.handler = ReportingHandler(connection, events)
            connection.startReading()
            accepted.append(connection)
        } during: { listener, _ in
            let client = try TestClient(to: listener.localAddress)
            client.finishSending()
            let connection = try #require(try await accepted.wait(forCount: 1).first)
            try await events.wait { $0 == [.end] }
            client.reset()
            connection.loop.execute { connection.finishWriting() }
            let told = try await events.wait { $0.count == 2 }
            guard case .closed(.some) = told.last else {
                Issue.record("the peer broke the connection, but the handler was told \(told)")
                return
            }
        }
    }
}
