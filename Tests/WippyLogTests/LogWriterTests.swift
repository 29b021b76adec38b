import Glibc
import Testing
import WippyLog
import WippyValues

@Suite("Log lines on their way out")
struct LogWriterTests {
    @Test("Lines arrive whole and in order")
    func order() throws {
        let pipe = try TestPipe()
        let writer = try LogWriter(to: pipe.writingEnd, format: .plain)
        let log = Log(to: writer)
        for number in 0..<500 { log.info("line", ["n": LogValue(number)]) }
        let lines = try pipe.lines(count: 500)
        #expect(lines.enumerated().allSatisfy { $1.hasSuffix("info     line n=\($0)") })
        #expect(writer.flush())
        #expect(writer.droppedCount == 0)
    }

    @Test("A blocked pipe stops no caller; what is dropped is counted and said")
    func blockedPipe() throws {
        let pipe = try TestPipe()
        let writer = try LogWriter(to: pipe.writingEnd, format: .plain, maxBufferBytes: 16_384)
        let log = Log(to: writer)
        let total = 20_000
        for number in 0..<total { log.info("line", ["n": LogValue(number)]) }
        #expect(writer.droppedCount > 0)
        #expect(!writer.flush(within: .milliseconds(20)))
        var numbers: [Int] = []
        var dropped = 0
        while numbers.count + dropped < total {
            let line = try #require(try pipe.lines(count: 1).first)
            let number = try #require(Int(line.split(separator: "=").last ?? ""))
            if line.contains("warning  log lines were dropped dropped=") {
                dropped += number
            } else {
                numbers.append(number)
            }
        }
        #expect(numbers.count + dropped == total)
        #expect(dropped == writer.droppedCount)
        #expect(numbers == numbers.sorted())
        #expect(numbers.first == 0)
        #expect(writer.flush())
        log.info("after", ["n": 1])
        #expect(try pipe.lines(count: 1).first?.hasSuffix("after n=1") == true)
    }

    @Test("A pipe without reader loses lines and nothing else")
    func brokenPipe() throws {
        let pipe = try TestPipe()
        let writer = try LogWriter(to: pipe.writingEnd, format: .json)
        pipe.closeReadingEnd()
        for _ in 0..<10 { Log(to: writer).info("lost") }
        #expect(writer.flush())
        #expect(writer.droppedCount == 10)
    }

    @Test("Closing writes what is left and ends the thread, which gives the descriptor back")
    func closing() throws {
        let pipe = try TestPipe()
        let writer = try LogWriter(to: pipe.writingEnd, format: .plain)
        Log(to: writer).info("last")
        #expect(writer.close())
        Log(to: writer).info("too late")
        #expect(writer.droppedCount == 1)
        pipe.closeWritingEnd()
        #expect(try pipe.lines(count: 1).count == 1)
        #expect(try pipe.isAtEnd())
        #expect(writer.flush())
    }

    @Test("Closing gives up on a blocked pipe after its limit")
    func closingBlocked() throws {
        let pipe = try TestPipe()
        let writer = try LogWriter(to: pipe.writingEnd, format: .plain)
        for _ in 0..<5_000 { Log(to: writer).info("a line of some length", ["k": "and its value"]) }
        #expect(!writer.close(within: .milliseconds(20)))
        #expect(writer.droppedCount > 0)
        pipe.closeWritingEnd()
        let left = try pipe.linesToEnd()
        #expect(left.count + writer.droppedCount >= 5_000)
    }

    @Test("A writer that is released writes what it has and ends")
    func released() throws {
        let pipe = try TestPipe()
        var writer: LogWriter? = try LogWriter(to: pipe.writingEnd, format: .plain)
        if let writer { Log(to: writer).info("last") }
        writer = nil
        pipe.closeWritingEnd()
        #expect(try pipe.linesToEnd().count == 1)
    }

    @Test("Lines of many threads do not mix")
    func threads() async throws {
        let pipe = try TestPipe()
        let writer = try LogWriter(to: pipe.writingEnd, format: .json, maxBufferBytes: 4 << 20)
        let log = Log(to: writer)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        log.info(
                            "line",
                            [
                                "task": LogValue(task), "n": LogValue(number),
                                "pad": "\(String(repeating: "x", count: number))",
                            ])
                    }
                }
            }
            // Read while they write: the pipe holds less than all.
            group.addTask {
                let values = (try? pipe.lines(count: 1_600))?.compactMap { try? JSON.decode($0) } ?? []
                #expect(Set(values.map { [$0["task"], $0["n"]] }).count == 1_600)
            }
        }
        #expect(writer.droppedCount == 0)
    }

    @Test("A descriptor that is not open is an error with a reason")
    func badDescriptor() {
        let error = #expect(throws: LogWriterError.self) { try LogWriter(to: -1, format: .plain) }
        #expect(error?.description == "the log could not duplicate its descriptor: Bad file descriptor")
    }
}
