// The task queue without a framework: one libuv loop, two threads on SQLite's C interface, and nothing in between.
//
// usage: Floor PORT FILE CONSUMERS MAX-LENGTH
//
// It is what a framework's cost is measured against, so that it does all the work of the task queue and has all of its
// bounds, and is general in nothing.
import CSQLite
import CUV
import Glibc

enum Limit {
    static let head = 32 * 1024
    static let body = 10 * 1024 * 1024
    static let connections = 10_000
    static let depth = 512
    static let publishSeconds: UInt64 = 5
    static let headSeconds: UInt64 = 10
    static let bodySeconds: UInt64 = 40
    static let idleSeconds: UInt64 = 60
    static let stopSeconds: UInt64 = 30
}

// JSON

/// A JSON value; numbers keep their text, so that none loses a digit, and an object's members are sorted by key.
enum JSON {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case list([JSON])
    case object([(key: String, value: JSON)])

    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }

    func write(to text: inout [UInt8]) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let flag): text += (flag ? "true" : "false").utf8
        case .number(let digits): text += digits.utf8
        case .string(let string): Self.write(string, to: &text)
        case .list(let items):
            text.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                item.write(to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                member.value.write(to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    static func write(_ string: String, to text: inout [UInt8]) {
        var string = string
        string.withUTF8 { write($0, to: &text) }
    }

    static func write(_ utf8: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        var plain = 0
        for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            text += UnsafeBufferPointer(rebasing: utf8[plain..<index])
            plain = index + 1
            switch byte {
            case 0x22, 0x5C: text += [0x5C, byte]
            case 0x0A: text += "\\n".utf8
            case 0x0D: text += "\\r".utf8
            case 0x09: text += "\\t".utf8
            default: text += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
            }
        }
        text += UnsafeBufferPointer(rebasing: utf8[plain...])
        text.append(UInt8(ascii: "\""))
    }
}

struct Malformed: Error {}

/// Reads one JSON text, strictly.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var place = 0

    static func value(of bytes: UnsafeBufferPointer<UInt8>) -> JSON? {
        var reader = JSONReader(bytes: bytes)
        guard let value = try? reader.value(depth: 0) else { return nil }
        reader.skipSpace()
        return reader.place == bytes.count ? value : nil
    }

    private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func skipSpace() {
        while case 0x20 | 0x0A | 0x0D | 0x09 = next { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func take(_ word: StaticString, _ value: JSON) throws(Malformed) -> JSON {
        guard bytes[place...].starts(with: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        else { throw Malformed() }
        place += word.utf8CodeUnitCount
        return value
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSON {
        guard depth < Limit.depth else { throw Malformed() }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try take("true", .bool(true))
        case UInt8(ascii: "f"): return try take("false", .bool(false))
        case UInt8(ascii: "n"): return try take("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSON {
        place += 1
        var members: [(key: String, value: JSON)] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw Malformed() }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw Malformed() }
            members.append((key, try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw Malformed() }
            return .object(sorted(members))
        }
    }

    /// The last of several members with the same key stays.
    private func sorted(_ members: [(key: String, value: JSON)]) -> [(key: String, value: JSON)] {
        guard members.count > 1 else { return members }
        let ordered = members.enumerated().sorted {
            ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
        }
        return ordered.indices.compactMap { index in
            let isLast = index + 1 == ordered.count || ordered[index + 1].element.key != ordered[index].element.key
            return isLast ? ordered[index].element : nil
        }
    }

    private mutating func list(depth: Int) throws(Malformed) -> JSON {
        place += 1
        var items: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .list(items) }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw Malformed() }
            return .list(items)
        }
    }

    private mutating func number() throws(Malformed) -> String {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if next | 0x20 == UInt8(ascii: "e") {
            place += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func digits() throws(Malformed) {
        let start = place
        while case 0x30...0x39 = next { place += 1 }
        if place == start { throw Malformed() }
    }

    private mutating func string() throws(Malformed) -> String {
        place += 1
        let start = place
        while place < bytes.count, bytes[place] >= 0x20, bytes[place] != 0x22, bytes[place] != 0x5C { place += 1 }
        guard place < bytes.count, bytes[place] != 0x22 else { return try finish(Array(bytes[start..<place])) }
        var text = Array(bytes[start..<place])
        while place < bytes.count, bytes[place] >= 0x20, bytes[place] != 0x22 {
            if take(0x5C) {
                try escape(into: &text)
            } else {
                text.append(next)
                place += 1
            }
        }
        return try finish(text)
    }

    private mutating func finish(_ text: [UInt8]) throws(Malformed) -> String {
        guard take(0x22), let string = String(validating: text, as: UTF8.self) else { throw Malformed() }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(Malformed) {
        let kind = next
        place += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if 0xD800..<0xDC00 ~= code {
                guard take(0x5C), take(UInt8(ascii: "u")) else { throw Malformed() }
                let low = try hexadecimal()
                guard 0xDC00..<0xE000 ~= low else { throw Malformed() }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw Malformed() }
            text += String(scalar).utf8
        default: throw Malformed()
        }
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        guard bytes.count - place >= 4 else { throw Malformed() }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = next
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: code = code << 4 | UInt32((byte | 0x20) - 0x57)
            default: throw Malformed()
            }
            place += 1
        }
        return code
    }
}

// SQLite

/// What a thread does with what it is handed: all that has queued at once, its results in the same order.
protocol Work {
    associatedtype Input
    associatedtype Output
    func perform(_ inputs: [Input]) -> [Output]
}

/// A thread with a mailbox; the answers of a batch go to the loop together, with one wake-up.
///
/// What both sides touch is under the lock; `results` is called on the loop.
final class WorkerThread<W: Work> {
    private let work: W
    private let results: ([(W.Output, (W.Output) -> Void)]) -> Void
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let wakeUp = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
    private var queued: [(input: W.Input, reply: (W.Output) -> Void)] = []
    private var done: [(W.Output, (W.Output) -> Void)] = []

    /// `results` is called with a batch after each wake-up, on the loop.
    init(_ work: W, on loop: UnsafeMutablePointer<uv_loop_t>) {
        self.work = work
        results = { batch in for (output, reply) in batch { reply(output) } }
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrival, nil)
        uv_async_init(loop, wakeUp) { handle in
            handle.map { Unmanaged<AnyDeliverer>.fromOpaque($0.pointee.data).takeUnretainedValue().deliver() }
        }
        let deliverer = AnyDeliverer { [unowned self] in self.deliver() }
        wakeUp.pointee.data = Unmanaged.passRetained(deliverer).toOpaque()
        var thread = pthread_t()
        let runner = AnyDeliverer { self.run() }
        pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<AnyDeliverer>.fromOpaque($0).takeRetainedValue().deliver() }
                return nil
            }, Unmanaged.passRetained(runner).toOpaque())
    }

    func submit(_ input: W.Input, reply: @escaping (W.Output) -> Void) {
        pthread_mutex_lock(lock)
        queued.append((input, reply))
        let isFirst = queued.count == 1
        pthread_mutex_unlock(lock)
        if isFirst { pthread_cond_signal(arrival) }
    }

    private func run() {
        while true {
            pthread_mutex_lock(lock)
            while queued.isEmpty { pthread_cond_wait(arrival, lock) }
            let batch = queued
            queued = []
            pthread_mutex_unlock(lock)
            let outputs = work.perform(batch.map(\.input))
            pthread_mutex_lock(lock)
            for (item, output) in zip(batch, outputs) { done.append((output, item.reply)) }
            pthread_mutex_unlock(lock)
            uv_async_send(wakeUp)
        }
    }

    private func deliver() {
        pthread_mutex_lock(lock)
        let batch = done
        done = []
        pthread_mutex_unlock(lock)
        results(batch)
    }
}

/// A closure that C code can carry.
final class AnyDeliverer {
    let deliver: () -> Void
    init(_ deliver: @escaping () -> Void) { self.deliver = deliver }
}

/// One connection to the file, with its statements prepared once.
final class Connection {
    private let handle: OpaquePointer?

    init(file: String, isReadOnly: Bool) {
        var handle: OpaquePointer?
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(file, &handle, access | SQLITE_OPEN_NOMUTEX, nil)
        self.handle = handle
        if code != SQLITE_OK { stop("\(file): \(message)") }
        sqlite3_busy_timeout(handle, 5000)
    }

    var message: String { String(cString: sqlite3_errmsg(handle)) }

    var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

    func run(_ text: String) -> Bool { sqlite3_exec(handle, text, nil, nil, nil) == SQLITE_OK }

    func prepare(_ text: String) -> OpaquePointer? {
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        if sqlite3_prepare_v3(handle, text, -1, flags, &statement, nil) != SQLITE_OK { stop("\(text): \(message)") }
        return statement
    }
}

/// A row to store.
struct Row {
    let id: String
    let payload: [UInt8]
    let result: [UInt8]
    let createdAt: Int64
}

/// Stores rows in groups: a group is what has queued, committed at once, its callers answered after the commit.
final class Writer: Work {
    private let connection: Connection
    private let insert: OpaquePointer?
    private let begin: OpaquePointer?
    private let commit: OpaquePointer?

    init(file: String) {
        connection = Connection(file: file, isReadOnly: false)
        let schema = """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA wal_autocheckpoint = 4000;
            CREATE TABLE IF NOT EXISTS tasks (
                id TEXT PRIMARY KEY,
                payload TEXT NOT NULL,
                status TEXT NOT NULL DEFAULT 'pending',
                result TEXT,
                created_at INTEGER NOT NULL,
                processed_at INTEGER
            );
            CREATE INDEX IF NOT EXISTS tasks_created_at ON tasks (created_at);
            """
        if !connection.run(schema) { stop(connection.message) }
        insert = connection.prepare(
            """
            INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
            VALUES (?, ?, 'completed', ?, ?, ?) ON CONFLICT DO NOTHING
            """)
        begin = connection.prepare("BEGIN IMMEDIATE")
        commit = connection.prepare("COMMIT")
    }

    /// Whether each row is stored.
    func perform(_ rows: [Row]) -> [Bool] {
        guard rows.count > 1 else { return rows.map(store) }
        if step(begin) {
            let stored = rows.map(store)
            if !connection.isOutsideTransaction, step(commit) { return stored }
            if !connection.isOutsideTransaction { _ = connection.run("ROLLBACK") }
        }
        return rows.map(store)
    }

    private func store(_ row: Row) -> Bool {
        var id = row.id
        return id.withUTF8 { id in
            row.payload.withUnsafeBufferPointer { payload in
                row.result.withUnsafeBufferPointer { result in
                    bind(id, at: 1)
                    bind(payload, at: 2)
                    bind(result, at: 3)
                    sqlite3_bind_int64(insert, 4, row.createdAt)
                    sqlite3_bind_int64(insert, 5, Int64(time(nil)))
                    return step(insert)
                }
            }
        }
    }

    /// The bytes need to live until the statement has been stepped and no longer.
    private func bind(_ text: UnsafeBufferPointer<UInt8>, at index: Int32) {
        text.withMemoryRebound(to: CChar.self) {
            _ = sqlite3_bind_text(insert, index, $0.baseAddress, Int32($0.count), nil)
        }
    }

    private func step(_ statement: OpaquePointer?) -> Bool {
        let code = sqlite3_step(statement)
        if code != SQLITE_DONE { warn(connection.message) }
        sqlite3_reset(statement)
        return code == SQLITE_DONE
    }
}

/// Answers queries with the JSON text of their rows.
final class Reader: Work {
    private let newest: OpaquePointer?
    private let ofStatus: OpaquePointer?
    private let connection: Connection

    init(file: String) {
        let columns = "SELECT id, payload, status, result, created_at, processed_at FROM tasks"
        connection = Connection(file: file, isReadOnly: true)
        newest = connection.prepare("\(columns) ORDER BY created_at DESC LIMIT 100")
        ofStatus = connection.prepare("\(columns) WHERE status = ? ORDER BY created_at DESC LIMIT 100")
    }

    func perform(_ statuses: [String?]) -> [[UInt8]?] { statuses.map(tasks) }

    private func tasks(status: String?) -> [UInt8]? {
        let statement = status == nil ? newest : ofStatus
        defer { sqlite3_reset(statement) }
        if let status {
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            sqlite3_bind_text(statement, 1, status, -1, transient)
        }
        var rows: [UInt8] = []
        var count = 0
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW {
            if count > 0 { rows.append(UInt8(ascii: ",")) }
            count += 1
            for (column, name) in Self.names.enumerated() {
                rows += name.utf8
                append(Int32(column), of: statement, to: &rows)
            }
            rows.append(UInt8(ascii: "}"))
            code = sqlite3_step(statement)
        }
        if code != SQLITE_DONE {
            warn(connection.message)
            return nil
        }
        return Array("{\"count\":\(count),\"tasks\":[".utf8) + rows + Array("]}".utf8)
    }

    private static let names = [
        "{\"id\":", ",\"payload\":", ",\"status\":", ",\"result\":", ",\"created_at\":", ",\"processed_at\":",
    ]

    private func append(_ column: Int32, of statement: OpaquePointer?, to text: inout [UInt8]) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: text += "null".utf8
        case SQLITE_INTEGER: text += String(sqlite3_column_int64(statement, column)).utf8
        default:
            let start = sqlite3_column_text(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            JSON.write(UnsafeBufferPointer(start: start, count: count), to: &text)
        }
    }
}

// The queue

/// A message of the queue.
struct QueuedTask {
    let id: String
    let action: String
    let data: JSON
    let createdAt: Int64

    var row: Row {
        var payload: [UInt8] = []
        JSON.object([
            ("action", .string(action)), ("created_at", .number(String(createdAt))), ("data", data),
            ("id", .string(id)),
        ]).write(to: &payload)
        var result: [UInt8] = []
        JSON.object([("output", output)]).write(to: &result)
        return Row(id: id, payload: payload, result: result, createdAt: createdAt)
    }

    private var output: JSON {
        switch action {
        case "uppercase": return .string((data["text"]?.string ?? "").uppercased())
        case "sum":
            guard case .list(let numbers)? = data["numbers"] else { return .number("0") }
            let texts = numbers.compactMap { if case .number(let text) = $0 { text } else { nil } }
            let whole = texts.compactMap { Int64($0) }
            guard whole.count < texts.count else { return .number(String(whole.reduce(0, &+))) }
            return .number(String(texts.compactMap { Double($0) }.reduce(0, +)))
        default: return .string("processed")
        }
    }
}

/// First in, first out, without moving what stays.
struct Fifo<Element> {
    private var items: [Element?] = []
    private var head = 0

    var count: Int { items.count - head }

    mutating func append(_ element: Element) { items.append(element) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head].take()
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 4096, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return element
    }
}

/// A bounded queue and the consumers that empty it.
final class TaskQueue {
    private let maxLength: Int
    private let consumers: Int
    private let writer: WorkerThread<Writer>
    private var ready = Fifo<QueuedTask>()
    private var failed: [QueuedTask] = []
    private var waiting = Fifo<(task: QueuedTask, deadline: UInt64, reply: (Bool) -> Void)>()
    private var active = 0

    init(maxLength: Int, consumers: Int, writer: WorkerThread<Writer>) {
        self.maxLength = maxLength
        self.consumers = consumers
        self.writer = writer
    }

    var left: Int { ready.count + failed.count + active + waiting.count }

    var isDone: Bool { left == 0 || (consumers == 0 && waiting.count == 0) }

    /// Replies once the task has found room, or false when it has found none for the publish timeout.
    func publish(_ task: QueuedTask, now: UInt64, reply: @escaping (Bool) -> Void) {
        guard ready.count < maxLength else {
            return waiting.append((task, now + Limit.publishSeconds * 1000, reply))
        }
        ready.append(task)
        reply(true)
        work()
    }

    /// Called once a second: what could not be stored is tried again, who has waited long enough is sent away.
    func tick(now: UInt64) {
        for task in failed { ready.append(task) }
        failed = []
        work()
        for _ in 0..<waiting.count {
            guard let waiter = waiting.popFirst() else { break }
            if waiter.deadline > now { waiting.append(waiter) } else { waiter.reply(false) }
        }
    }

    private func work() {
        while active < consumers, let task = ready.popFirst() {
            active += 1
            writer.submit(task.row) { [self] isStored in
                active -= 1
                if !isStored { failed.append(task) }
                work()
            }
            if let waiter = waiting.popFirst() {
                ready.append(waiter.task)
                waiter.reply(true)
            }
        }
    }
}

// HTTP

/// What a request's head says.
struct Head {
    var method = ""
    var path = ""
    var query = ""
    var bodyLength = 0
    var keepsAlive = true
    var expectsContinue = false
    /// Of the head and the empty line.
    var length = 0
}

enum HeadResult {
    case incomplete
    case head(Head)
    case refused(Int)
}

/// Reads a head strictly: what is not surely one request is refused, and the connection closed.
func readHead(_ bytes: UnsafeBufferPointer<UInt8>) -> HeadResult {
    guard let start = bytes.baseAddress, let found = memmem(start, bytes.count, "\r\n\r\n", 4) else {
        return bytes.count > Limit.head ? .refused(431) : .incomplete
    }
    let end = UnsafeRawPointer(found) - UnsafeRawPointer(start) + 2
    guard end <= Limit.head else { return .refused(431) }
    var head = Head()
    head.length = end + 2
    var place = 0
    var hosts = 0
    var lengths = 0
    var isFirst = true
    var isOld = false
    while place < end {
        let rest = UnsafeBufferPointer(rebasing: bytes[place..<end])
        guard let lineEnd = rest.firstIndex(of: 0x0D), rest[lineEnd + 1] == 0x0A else { return .refused(400) }
        let line = UnsafeBufferPointer<UInt8>(rebasing: rest[..<lineEnd])
        place += lineEnd + 2
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return .refused(400) }
        if isFirst {
            isFirst = false
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].allSatisfy(isToken), !parts[0].isEmpty, parts[1].first == 0x2F,
                parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { return .refused(400) }
            isOld = parts[2].elementsEqual("HTTP/1.0".utf8)
            guard isOld || parts[2].elementsEqual("HTTP/1.1".utf8) else { return .refused(400) }
            head.keepsAlive = !isOld
            head.method = String(decoding: parts[0], as: UTF8.self)
            let mark = parts[1].firstIndex(of: 0x3F) ?? parts[1].endIndex
            head.path = String(decoding: parts[1][..<mark], as: UTF8.self)
            head.query = String(decoding: parts[1][mark...].dropFirst(), as: UTF8.self)
            continue
        }
        guard let colon = line.firstIndex(of: 0x3A), colon > 0, line[..<colon].allSatisfy(isToken) else {
            return .refused(400)
        }
        let name = UnsafeBufferPointer<UInt8>(rebasing: line[..<colon])
        let value = trimmed(line[(colon + 1)...])
        if matches(name, "host") {
            hosts += 1
        } else if matches(name, "content-length") {
            lengths += 1
            guard (1...18).contains(value.count), value.allSatisfy({ 0x30...0x39 ~= $0 }) else { return .refused(400) }
            head.bodyLength = value.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        } else if matches(name, "transfer-encoding") {
            return .refused(501)
        } else if matches(name, "connection") {
            if matches(value, "close") { head.keepsAlive = false }
            if matches(value, "keep-alive") { head.keepsAlive = true }
        } else if matches(name, "expect") {
            head.expectsContinue = matches(value, "100-continue")
        }
    }
    guard lengths < 2, hosts == 1 || (isOld && hosts == 0) else { return .refused(400) }
    return head.bodyLength > Limit.body ? .refused(413) : .head(head)
}

func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
}

func trimmed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UnsafeBufferPointer<UInt8> {
    var bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 }
    while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
    return UnsafeBufferPointer(rebasing: bytes)
}

func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ lowercase: StaticString) -> Bool {
    guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
    return bytes.indices.allSatisfy { bytes[$0] | 0x20 == lowercase.utf8Start[$0] | 0x20 }
}

/// The value of a field of a query, decoded.
func queryField(_ name: String, in query: String) -> String? {
    for pair in query.utf8.split(separator: 0x26) {
        let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].elementsEqual(name.utf8) else { continue }
        var text: [UInt8] = []
        var rest = parts.count > 1 ? parts[1] : ""[...].utf8
        while let byte = rest.popFirst() {
            if byte == 0x25, rest.count >= 2, let code = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                text.append(code)
                rest = rest.dropFirst(2)
            } else {
                text.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
    return nil
}

/// A client: one request after the other, read from what has arrived.
final class Client {
    let socket = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    private unowned let server: Server
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var isAnswering = false
    private var isWriting = false
    private var isEnding = false
    private var isClosed = false
    private var hasContinued = false
    private var lastActivity: UInt64
    private var requestStart: UInt64?

    init(server: Server) {
        self.server = server
        lastActivity = server.now
    }

    func start() {
        socket.pointee.data = Unmanaged.passRetained(self).toOpaque()
        uv_tcp_nodelay(socket, 1)
        read()
    }

    private func read() {
        socket.withMemoryRebound(to: uv_stream_t.self, capacity: 1) { stream in
            _ = uv_read_start(
                stream,
                { handle, _, buffer in
                    guard let handle, let buffer else { return }
                    buffer.pointee = Client.of(handle.pointee.data).server.readBuffer
                },
                { stream, count, buffer in
                    guard let stream, let buffer else { return }
                    let client = Client.of(stream.pointee.data)
                    if count < 0 { return client.close() }
                    let bytes = UnsafeRawBufferPointer(start: buffer.pointee.base, count: count)
                    client.received(bytes)
                })
        }
    }

    static func of(_ data: UnsafeMutableRawPointer) -> Client {
        Unmanaged<Client>.fromOpaque(data).takeUnretainedValue()
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        lastActivity = server.now
        guard !isEnding else { return }
        input += bytes
        if input.count > Limit.head + Limit.body { return close() }
        serve()
    }

    /// Serves every request that is there whole, and writes their answers together.
    private func serve() {
        while !isAnswering, !isEnding, !isClosed, !input.isEmpty {
            if requestStart == nil { requestStart = server.now }
            switch input.withUnsafeBufferPointer(readHead) {
            case .incomplete: return flush()
            case .refused(let status):
                isEnding = true
                answer(status, Array("{\"error\":\"\(Server.reasons[status] ?? "")\"}".utf8))
            case .head(let head):
                let length = head.length + head.bodyLength
                if input.count < length {
                    if head.expectsContinue, !hasContinued {
                        hasContinued = true
                        output += "HTTP/1.1 100 Continue\r\n\r\n".utf8
                    }
                    return flush()
                }
                if !head.keepsAlive || server.isStopping { isEnding = true }
                hasContinued = false
                isAnswering = true
                input.withUnsafeBufferPointer { bytes in
                    server.serve(head, UnsafeBufferPointer(rebasing: bytes[head.length..<length]), for: self)
                }
                if input.count == length {
                    input.removeAll(keepingCapacity: input.capacity <= 65536)
                } else {
                    input.removeFirst(length)
                }
            }
        }
        flush()
    }

    /// Ends a request; `isLater` when the call that served it has returned.
    func answer(_ status: Int, _ body: [UInt8], allow: String? = nil, isLater: Bool = false) {
        guard !isClosed else { return }
        output += server.statusLine(status)
        output += server.fields
        output += String(body.count).utf8
        if let allow { output += "\r\nAllow: \(allow)".utf8 }
        output += isEnding ? "\r\nConnection: close\r\n\r\n".utf8 : "\r\n\r\n".utf8
        output += body
        isAnswering = false
        requestStart = nil
        lastActivity = server.now
        if isLater { serve() }
    }

    private func flush() {
        guard !output.isEmpty, !isWriting, !isClosed else { return }
        let text = output
        output.removeAll(keepingCapacity: true)
        let written = text.withUnsafeBytes { bytes in
            var buffer = uv_buf_init(
                UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
                UInt32(bytes.count))
            return socket.withMemoryRebound(to: uv_stream_t.self, capacity: 1) { uv_try_write($0, &buffer, 1) }
        }
        if written < 0, written != UV_EAGAIN.rawValue { return close() }
        let count = max(0, Int(written))
        if count < text.count { return write(text[count...]) }
        if isEnding { close() }
    }

    /// Writes what the socket had no room for; until it is written nothing more is read.
    private func write(_ text: ArraySlice<UInt8>) {
        isWriting = true
        socket.withMemoryRebound(to: uv_stream_t.self, capacity: 1) { stream in
            uv_read_stop(stream)
            let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.count)
            _ = bytes.initialize(from: text.lazy.map(CChar.init(bitPattern:)))
            let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
            request.pointee.data = UnsafeMutableRawPointer(bytes.baseAddress)
            var buffer = uv_buf_init(bytes.baseAddress, UInt32(bytes.count))
            let code = uv_write(request, stream, &buffer, 1) { request, status in
                guard let request, let stream = request.pointee.handle else { return }
                request.pointee.data.deallocate()
                let client = Client.of(stream.pointee.data)
                request.deallocate()
                client.wrote(status)
            }
            if code != 0 { close() }
        }
    }

    private func wrote(_ status: CInt) {
        isWriting = false
        guard status == 0, !isClosed else { return close() }
        if !output.isEmpty { return flush() }
        if isEnding { return close() }
        read()
        serve()
    }

    /// Called once a second.
    func tick(now: UInt64) {
        guard !isAnswering else { return }
        if let start = requestStart {
            let isReadingBody = input.withUnsafeBufferPointer { if case .head = readHead($0) { true } else { false } }
            if now > start + (isReadingBody ? Limit.bodySeconds : Limit.headSeconds) * 1000 {
                isEnding = true
                answer(408, Array("{\"error\":\"too slow\"}".utf8))
                flush()
            }
        } else if now > lastActivity + Limit.idleSeconds * 1000 || (server.isStopping && !isWriting) {
            close()
        }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        server.forget(self)
        socket.withMemoryRebound(to: uv_handle_t.self, capacity: 1) { handle in
            uv_close(handle) { handle in
                guard let handle else { return }
                let client = Unmanaged<Client>.fromOpaque(handle.pointee.data).takeRetainedValue()
                client.socket.deallocate()
            }
        }
    }
}

/// The routes, the clock, and who is connected.
final class Server {
    static let reasons = [
        200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 413: "Content Too Large", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
    ]

    let loop: UnsafeMutablePointer<uv_loop_t>
    let readBuffer = uv_buf_init(UnsafeMutablePointer<CChar>.allocate(capacity: 65536), 65536)
    private(set) var isStopping = false
    private(set) var fields: [UInt8] = []
    private var lines: [Int: [UInt8]] = [:]
    private let accepted = Array("HTTP/1.1 202 Accepted\r\n".utf8)
    private let okay = Array("HTTP/1.1 200 OK\r\n".utf8)
    private let listener = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    private let timer = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
    private let queue: TaskQueue
    private let reader: WorkerThread<Reader>
    private var clients: [ObjectIdentifier: Client] = [:]
    private var unixTime: Int64 = 0
    private var stopDeadline: UInt64 = 0
    private var random = [UInt8](repeating: 0, count: 4096)
    private var randomUsed = 4096

    init(loop: UnsafeMutablePointer<uv_loop_t>, queue: TaskQueue, reader: WorkerThread<Reader>) {
        self.loop = loop
        self.queue = queue
        self.reader = reader
        for (status, reason) in Self.reasons { lines[status] = Array("HTTP/1.1 \(status) \(reason)\r\n".utf8) }
    }

    var now: UInt64 { uv_now(loop) }

    func listen(port: Int32) {
        tick()
        uv_timer_init(loop, timer)
        timer.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        uv_timer_start(timer, { handle in handle.map { Server.of($0.pointee.data).tick() } }, 100, 100)
        for number in [SIGTERM, SIGINT] {
            let signal = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
            uv_signal_init(loop, signal)
            signal.pointee.data = Unmanaged.passUnretained(self).toOpaque()
            uv_signal_start(signal, { handle, _ in handle.map { Server.of($0.pointee.data).stop() } }, number)
        }
        var address = sockaddr_in()
        uv_ip4_addr("127.0.0.1", port, &address)
        uv_tcp_init(loop, listener)
        listener.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { uv_tcp_bind(listener, $0, 0) }
        }
        let code = listener.withMemoryRebound(to: uv_stream_t.self, capacity: 1) { stream in
            bound != 0
                ? bound
                : uv_listen(stream, 511) { stream, status in
                    if status == 0 { stream.map { Server.of($0.pointee.data).accept($0) } }
                }
        }
        if code != 0 { Glibc.exit(fail(String(cString: uv_strerror(code)))) }
    }

    private func fail(_ text: String) -> Int32 {
        warn(text)
        return 1
    }

    static func of(_ data: UnsafeMutableRawPointer) -> Server {
        Unmanaged<Server>.fromOpaque(data).takeUnretainedValue()
    }

    private func accept(_ stream: UnsafeMutablePointer<uv_stream_t>) {
        let client = Client(server: self)
        uv_tcp_init(loop, client.socket)
        clients[ObjectIdentifier(client)] = client
        let code = client.socket.withMemoryRebound(to: uv_stream_t.self, capacity: 1) { uv_accept(stream, $0) }
        client.start()
        if code != 0 || clients.count > Limit.connections { client.close() }
    }

    func forget(_ client: Client) { clients[ObjectIdentifier(client)] = nil }

    private func tick() {
        let time = Int64(Glibc.time(nil))
        if time != unixTime {
            unixTime = time
            fields = Array("Content-Type: application/json\r\nDate: \(date())\r\nContent-Length: ".utf8)
            queue.tick(now: now)
            for client in clients.values { client.tick(now: now) }
        }
        guard isStopping else { return }
        for client in clients.values { client.tick(now: now) }
        let isLate = now > stopDeadline
        guard isLate || (clients.isEmpty && queue.isDone) else { return }
        if queue.left > 0 { warn("\(queue.left) tasks were left in the queue") }
        exit(isLate ? 1 : 0)
    }

    private func date() -> String {
        var seconds = time_t(unixTime)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 40)
        strftime(&text, 40, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(cString: text)
    }

    private func stop() {
        guard !isStopping else { exit(1) }
        isStopping = true
        stopDeadline = now + Limit.stopSeconds * 1000
        listener.withMemoryRebound(to: uv_handle_t.self, capacity: 1) { uv_close($0, nil) }
    }

    func statusLine(_ status: Int) -> [UInt8] {
        switch status {
        case 200: okay
        case 202: accepted
        default: lines[status] ?? []
        }
    }

    func serve(_ head: Head, _ body: UnsafeBufferPointer<UInt8>, for client: Client) {
        switch (head.path, head.method) {
        case ("/small", "GET"):
            var text: [UInt8] = []
            JSON.object([("count", .number("42")), ("status", .string("ready"))]).write(to: &text)
            client.answer(200, text)
        case ("/tasks", "POST"): create(body, for: client)
        case ("/tasks", "GET"):
            reader.submit(queryField("status", in: head.query)) { text in
                client.answer(
                    text == nil ? 500 : 200, text ?? Array("{\"error\":\"internal error\"}".utf8), isLater: true)
            }
        case ("/small", _): client.answer(405, Array("{\"error\":\"method not allowed\"}".utf8), allow: "GET")
        case ("/tasks", _): client.answer(405, Array("{\"error\":\"method not allowed\"}".utf8), allow: "GET, POST")
        default: client.answer(404, Array("{\"error\":\"not found\"}".utf8))
        }
    }

    private func create(_ body: UnsafeBufferPointer<UInt8>, for client: Client) {
        guard let value = JSONReader.value(of: body) else {
            return client.answer(400, Array("{\"error\":\"invalid JSON\"}".utf8))
        }
        guard let action = value["action"]?.string else {
            return client.answer(400, Array("{\"error\":\"action required\"}".utf8))
        }
        let id = uniqueID()
        let task = QueuedTask(id: id, action: action, data: value["data"] ?? .object([]), createdAt: unixTime)
        var isLater = false
        queue.publish(task, now: now) { isAccepted in
            guard isAccepted else {
                return client.answer(503, Array("{\"error\":\"queue full\"}".utf8), isLater: isLater)
            }
            var text: [UInt8] = []
            JSON.object([("id", .string(id)), ("status", .string("queued"))]).write(to: &text)
            client.answer(202, text, isLater: isLater)
        }
        isLater = true
    }

    /// A UUID of version 4.
    private func uniqueID() -> String {
        if randomUsed == random.count {
            if getrandom(&random, random.count, 0) != random.count { exit(fail("no random bytes")) }
            randomUsed = 0
        }
        random[randomUsed + 6] = random[randomUsed + 6] & 0x0F | 0x40
        random[randomUsed + 8] = random[randomUsed + 8] & 0x3F | 0x80
        defer { randomUsed += 16 }
        return String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[place] = 0x2D
                    place += 1
                }
                for digit in [random[randomUsed + index] >> 4, random[randomUsed + index] & 0xF] {
                    text[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
                    place += 1
                }
            }
            return place
        }
    }
}

func warn(_ text: String) { fputs("floor: \(text)\n", stderr) }

func stop(_ text: String) -> Never {
    warn(text)
    exit(1)
}

@main
enum Floor {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let port = Int32(arguments[1]), let consumers = Int(arguments[3]),
            let maxLength = Int(arguments[4]), let loop = uv_default_loop()
        else { stop("usage: Floor PORT FILE CONSUMERS MAX-LENGTH") }
        signal(SIGPIPE, SIG_IGN)
        let writer = WorkerThread(Writer(file: arguments[2]), on: loop)
        let reader = WorkerThread(Reader(file: arguments[2]), on: loop)
        let queue = TaskQueue(maxLength: maxLength, consumers: consumers, writer: writer)
        let server = Server(loop: loop, queue: queue, reader: reader)
        server.listen(port: port)
        withExtendedLifetime((server, reader)) { _ = uv_run(loop, UV_RUN_DEFAULT) }
    }
}
