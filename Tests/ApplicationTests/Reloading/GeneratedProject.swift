import WippyDefinition
import WippyTesting

/// A valid project that a generator of random numbers decides, as a value that can be edited and written.
///
/// Entries refer to each other by their numbers, so that an entry can be renamed. What could make a cycle refers to
/// lower numbers only.
struct GeneratedProject {
    enum Kind: CaseIterable {
        case database, driver, host, queue, answer, call, handle, process, service, consumer, server, router, endpoint
        case data
    }

    struct Entry {
        let number: Int
        var name: String
        let kind: Kind
        var values: [String: String]
        /// The numbers of the entries that it refers to, by field.
        var references: [String: Int] = [:]
        var file: Int

        var id: EntryID { EntryID(namespace: "app", name: name) }
    }

    /// A field of a kind that names another entry.
    struct Slot {
        let field: String
        let kinds: Set<Kind>
        let isRequired: Bool

        init(_ field: String, _ kinds: Set<Kind>, isRequired: Bool = false) {
            (self.field, self.kinds, self.isRequired) = (field, kinds, isRequired)
        }
    }

    static let files = ["src/_index.yaml", "src/more/_index.yaml", "src/rest/_index.yaml"]

    private(set) var entries: [Entry] = []
    private var nextNumber = 0
    private var random: SeededGenerator

    /// A project with at least one entry of each kind.
    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for kind in Kind.allCases {
            for _ in 0..<Int.random(in: 1...3, using: &random) { add(kind) }
        }
    }

    subscript(_ number: Int) -> Entry? { entries.first { $0.number == number } }

    func entries(_ kind: Kind) -> [Entry] { entries.filter { $0.kind == kind } }

    /// The entry that a field names.
    func target(of field: String, of entry: Entry) -> Entry? { entry.references[field].flatMap { self[$0] } }
}

// Editing.
extension GeneratedProject {
    /// Makes so many random changes, each of which leaves the project valid.
    mutating func edit(_ count: Int) {
        for _ in 0..<count {
            guard let entry = entries.randomElement(using: &random) else { return }
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1:
                let values = values(of: entry)
                change(entry.number) { $0.values = values }
            case 2: rewire(entry)
            case 3: add(Kind.allCases.randomElement(using: &random) ?? .data)
            case 4: _ = remove(entry)
            case 5:
                let name = "renamed\(nextNumber)"
                change(entry.number) { $0.name = name }
            case 6:
                // Another kind under the same name.
                guard remove(entry), let kind = Kind.allCases.randomElement(using: &random) else { continue }
                add(kind, name: entry.name)
            default:
                let file = Int.random(in: 0..<Self.files.count, using: &random)
                change(entry.number) { $0.file = file }
            }
            nextNumber += 1
        }
    }

    /// Adds a required process that fails for good as soon as it starts.
    mutating func addFailure() {
        add(.process)
        let process = entries.count - 1
        entries[process].values["mode"] = "fail"
        let number = entries[process].number
        add(.service)
        let service = entries.count - 1
        entries[service].references["process"] = number
        entries[service].values["auto_start"] = "true"
        entries[service].values["startup"] = "required"
        entries[service].values["attempts"] = "1"
    }

    /// Adds an entry, if there is what it must refer to.
    mutating func add(_ kind: Kind, name: String? = nil) {
        let number = nextNumber
        nextNumber += 1
        var entry = Entry(
            number: number, name: name ?? "\(kind)\(number)", kind: kind, values: [:],
            file: Int.random(in: 0..<Self.files.count, using: &random))
        entry.values = values(of: entry)
        for slot in Self.slots(of: kind) {
            entry.references[slot.field] = pick(slot, for: entry)
            if slot.isRequired, entry.references[slot.field] == nil { return }
        }
        entries.append(entry)
    }

    /// Removes an entry that none needs; those that merely name it name it no longer.
    private mutating func remove(_ entry: Entry) -> Bool {
        let isNeeded = entries.contains { other in
            Self.slots(of: other.kind).contains { $0.isRequired && other.references[$0.field] == entry.number }
        }
        guard !isNeeded else { return false }
        entries.removeAll { $0.number == entry.number }
        for index in entries.indices {
            entries[index].references = entries[index].references.filter { $0.value != entry.number }
        }
        return true
    }

    private mutating func rewire(_ entry: Entry) {
        guard let slot = Self.slots(of: entry.kind).randomElement(using: &random) else { return }
        let target = pick(slot, for: entry)
        if slot.isRequired, target == nil { return }
        change(entry.number) { $0.references[slot.field] = target }
    }

    private mutating func change(_ number: Int, _ change: (inout Entry) -> Void) {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return }
        var entry = entries[index]
        change(&entry)
        entries[index] = entry
    }

    private mutating func pick(_ slot: Slot, for entry: Entry) -> Int? {
        if !slot.isRequired, Bool.random(using: &random) { return nil }
        return entries.filter { slot.kinds.contains($0.kind) && ($0.kind != entry.kind || $0.number < entry.number) }
            .randomElement(using: &random)?.number
    }
}

// What the kinds are like.
extension GeneratedProject {
    static func slots(of kind: Kind) -> [Slot] {
        switch kind {
        case .database, .host, .data: []
        case .driver: [Slot("db", [.database])]
        case .queue: [Slot("driver", [.driver], isRequired: true), Slot("dead", [.queue])]
        case .answer: [Slot("db", [.database]), Slot("queue", [.queue]), Slot("next", [.call])]
        case .call: [Slot("db", [.database]), Slot("next", [.call])]
        case .handle, .process: [Slot("db", [.database])]
        case .service:
            [
                Slot("process", [.process], isRequired: true), Slot("host", [.host], isRequired: true),
                Slot("requires", [.service, .database, .driver, .host]),
            ]
        case .consumer:
            [
                Slot("queue", [.queue], isRequired: true), Slot("func", [.handle], isRequired: true),
                Slot("requires", [.service]),
            ]
        case .server: [Slot("requires", [.service, .consumer])]
        case .router: [Slot("server", [.server], isRequired: true)]
        case .endpoint: [Slot("router", [.router], isRequired: true), Slot("func", [.answer], isRequired: true)]
        }
    }

    /// Random values of an entry's fields.
    private mutating func values(of entry: Entry) -> [String: String] {
        var values: [String: String] = ["text": "text\(Int.random(in: 0..<100, using: &random))"]
        func set(_ name: String, _ choices: String...) {
            values[name] = choices.randomElement(using: &random)
        }
        // Those with a service.
        switch entry.kind {
        case .driver: values["auto_start"] = "true"
        case .database, .host, .service, .consumer, .server:
            set("auto_start", "true", "true", "true", "true", "false")
        default: break
        }
        set("startup", "required", "required", "optional")
        set("stop_timeout", "5s", "6s")
        set("older_name", "requires", "depends_on")
        set("condition", "ready", "completed")
        switch entry.kind {
        case .database:
            set("file", "d\(entry.number)a.db", "d\(entry.number)b.db", ":memory:")
            set("readers", "0", "1", "2")
            set("cache_size", "-1000", "-2000")
            set("foreign_keys", "true", "false")
        case .queue:
            set("max_length", "8", "9", "12")
            set("publish_timeout", "0s", "1ms")
            set("delay", "1ms", "2ms")
            set("attempts", "1", "2", "3")
        case .answer, .call, .handle: set("executor", "loop", "loop", "pool")
        case .process: set("mode", "finish", "once", "stay", "stay")
        case .consumer:
            set("concurrency", "1", "2", "3")
            set("prefetch", "1", "5")
        case .server:
            set("access_log", "true", "false")
            set("body", "40B", "1KiB", "10KiB")
            set("idle", "30s", "40s")
        case .router:
            set("prefix", "/r\(entry.number)", "/r\(entry.number)/{part}", "/other\(entry.number)")
            set("origin", "https://a.example", "https://b.example", "")
        case .endpoint:
            set("path", "/e\(entry.number)", "/f\(entry.number)", "/e\(entry.number)/{id}")
            set("method", "GET", "POST")
            set("body", "10B", "2KiB", "")
        case .driver: set("keeps", "memory", "table")
        case .host, .service, .data: break
        }
        return values
    }
}

// The text.
extension GeneratedProject {
    /// Whether the driver of a queue keeps its messages in a table of a database.
    func isInTable(_ queue: Entry) -> Bool { target(of: "driver", of: queue).map(hasTable) ?? false }

    private func hasTable(_ driver: Entry) -> Bool {
        driver.kind == .driver && driver.values["keeps"] == "table" && driver.references["db"] != nil
    }

    /// The path of an endpoint, with values for its parameters.
    func path(of endpoint: Entry) -> String {
        let prefix = target(of: "router", of: endpoint)?.values["prefix"] ?? ""
        return (prefix + (endpoint.values["path"] ?? "")).split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") ? "some" : String($0) }.joined(separator: "/")
    }

    /// The files with what is in them.
    ///
    /// - Parameter folder: where databases have their files.
    func texts(folder: String) -> [(path: String, text: String)] {
        Self.files.enumerated().map { index, path in
            let lines = entries.filter { $0.file == index }.map {
                "  - {\(fields(of: $0, folder).joined(separator: ", "))}"
            }
            return (path, "namespace: app\nentries:\(lines.isEmpty ? " []" : "")\n\(lines.joined(separator: "\n"))\n")
        }
    }

    private func fields(of entry: Entry, _ folder: String) -> [String] {
        func value(_ name: String) -> String { entry.values[name] ?? "" }
        func target(_ field: String) -> String { self.target(of: field, of: entry).map { "\($0.id)" } ?? "" }
        let kind = hasTable(entry) ? "queue.driver.table" : Self.name(of: entry.kind)
        return ["name: \(entry.name)", "kind: \(kind)"] + own(entry, folder, value, target)
            + lifecycle(of: entry, value)
    }

    private func own(
        _ entry: Entry, _ folder: String, _ value: (String) -> String, _ target: (String) -> String
    ) -> [String] {
        switch entry.kind {
        case .database:
            let file = value("file").hasPrefix(":") ? value("file") : "\(folder)/\(value("file"))"
            // One in memory takes other settings at the next start only.
            if value("file").hasPrefix(":") { return ["file: \"\(file)\""] }
            return [
                "file: \"\(file)\"", "pool: {readers: \(value("readers"))}",
                "options: {cache_size: \(value("cache_size")), foreign_keys: \(value("foreign_keys"))}",
            ]
        case .driver: return hasTable(entry) ? ["db: \(target("db"))"] : []
        case .host: return []
        case .queue:
            let dead = target("dead")
            return [
                "driver: \(target("driver"))", "publish_timeout: \(value("publish_timeout"))",
                "retry: {initial_delay: \(value("delay")), max_delay: 2ms}",
                "driver_options: {\(isInTable(entry) ? "table" : "memory"): {max_length: \(value("max_length"))}}",
            ] + (dead.isEmpty ? [] : ["dead_letter: {queue: \(dead), max_attempts: \(value("attempts"))}"])
        case .answer, .call, .handle:
            return handler(of: entry, target) + ["executor: \(value("executor"))"]
        case .process: return handler(of: entry, target)
        case .service: return ["process: \(target("process"))", "host: \(target("host"))", "input: [\(value("text"))]"]
        case .consumer:
            return [
                "queue: \(target("queue"))", "func: \(target("func"))", "concurrency: \(value("concurrency"))",
                "prefetch: \(value("prefetch"))",
            ]
        case .server:
            return [
                "addr: \"127.0.0.1:0\"", "access_log: \(value("access_log"))", "limits: {body: \(value("body"))}",
                "timeouts: {idle: \(value("idle"))}",
            ]
        case .router:
            let origin = value("origin")
            return ["meta: {server: \(target("server"))}", "prefix: \"\(value("prefix"))\""]
                + (origin.isEmpty
                    ? [] : ["middleware: [cors]", "options: {cors.allow.origins: \"\(origin)\"}"])
        case .endpoint:
            let body = value("body")
            return [
                "meta: {router: \(target("router"))}", "method: \(value("method"))", "path: \"\(value("path"))\"",
                "func: \(target("func"))",
            ] + (body.isEmpty ? [] : ["limits: {body: \(body)}"])
        case .data: return ["value: \(value("text"))"]
        }
    }

    private func handler(of entry: Entry, _ target: (String) -> String) -> [String] {
        let uses = Self.slots(of: entry.kind).map(\.field).filter { !target($0).isEmpty }
        let mode = entry.values["mode"].map { ", mode: \($0)" } ?? ""
        return [
            "handler: Generated\("\(entry.kind)".prefix(1).uppercased())\("\(entry.kind)".dropFirst())",
            "config: {text: \(entry.values["text"] ?? ""), uses: \"\(uses.joined(separator: " "))\"\(mode)}",
        ] + (uses.isEmpty ? [] : ["uses: {\(uses.map { "\($0): \(target($0))" }.joined(separator: ", "))}"])
    }

    private func lifecycle(of entry: Entry, _ value: (String) -> String) -> [String] {
        guard let isStarted = entry.values["auto_start"] else { return [] }
        // A required service that fails while a plan is applied has it taken back, even if it would be tried again.
        let fails = target(of: "process", of: entry)?.values["mode"] == "once"
        var fields = [
            "auto_start: \(isStarted)", "startup: \(fails ? "optional" : value("startup"))",
            "stop_timeout: \(value("stop_timeout"))",
            "restart: {initial_delay: 1ms, jitter: 0, max_attempts: \(entry.values["attempts"] ?? "0")}",
        ]
        if let required = target(of: "requires", of: entry),
            case let mode = target(of: "process", of: required)?.values["mode"], mode != "once"
        {
            let condition = mode == "finish" ? value("condition") : "ready"
            fields.append("\(value("older_name")): [{id: \(required.id), condition: \(condition)}]")
        }
        return ["lifecycle: {\(fields.joined(separator: ", "))}"]
    }

    private static func name(of kind: Kind) -> String {
        switch kind {
        case .database: "db.sql.sqlite"
        case .driver: "queue.driver.memory"
        case .host: "process.host"
        case .queue: "queue.queue"
        case .answer, .call, .handle: "function.swift"
        case .process: "process.swift"
        case .service: "process.service"
        case .consumer: "queue.consumer"
        case .server: "http.service"
        case .router: "http.router"
        case .endpoint: "http.endpoint"
        case .data: "registry.entry"
        }
    }
}
