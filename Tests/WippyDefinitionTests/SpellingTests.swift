import Testing
import WippyDefinition
import WippyTestTools

@Suite("Suggestions")
struct SpellingTests {
    @Test(
        "Near names are found",
        arguments: [
            ("adr", "addr"), ("addrr", "addr"), ("adrd", "addr"), ("bddr", "addr"), ("concurency", "concurrency"),
            ("cnocurrency", "concurrency"), ("task_queue", "tasks_queue"), ("meta.rooter", "meta.router"),
            ("lifecycle.restart.jiter", "lifecycle.restart.jitter"), ("httprouter", "http.router"),
            ("app:task_queue", "app:tasks_queue"), ("HTTP.service", "http.service"), ("get", "GET"),
            ("queu.driver.memory", "queue.driver.memory"),
        ])
    func near(name: String, meant: String) {
        #expect(Spelling.nearest(to: name, among: ["zzz", meant, "timeouts"]) == meant)
    }

    @Test("Far names, the name itself and nothing are not", arguments: ["colour", "addr", "", "xy", "address"])
    func far(name: String) {
        #expect(Spelling.nearest(to: name, among: ["addr"]) == nil)
    }

    @Test(
        "Only the words that differ count, not the whole of a path or an id",
        arguments: [
            ("env.storage.s3", "env.storage.os"), ("lifecycle.restart.a", "lifecycle.restart.max"),
            ("application:db", "application:mq"), ("app:a", "app:b"), ("db.one.sql", "db.xyz.sql"),
        ])
    func farWord(name: String, other: String) {
        #expect(Spelling.nearest(to: name, among: [other]) == nil)
    }

    @Test("The nearest wins, then the first in order of text")
    func best() {
        #expect(
            Spelling.nearest(to: "concurrency", among: ["concurrencyyy", "concurrenc", "concurrencz"]) == "concurrenc")
        #expect(Spelling.nearest(to: "cat", among: ["rat", "bat", "hat"]) == "bat")
    }

    @Test("An index answers as a plain comparison of all pairs does")
    func sameAsPlain() {
        var random = SeededGenerator(seed: 7)
        let word = { (random: inout SeededGenerator) in
            String((0..<Int.random(in: 1...9, using: &random)).map { _ in "abc_".randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<400 {
            let names = (0..<12).map { _ in word(&random) }
            let wanted = word(&random)
            #expect(Spelling.nearest(to: wanted, among: names) == plainNearest(wanted, names), "\(wanted) in \(names)")
        }
    }

    private func plainNearest(_ wanted: String, _ names: [String]) -> String? {
        let limit = wanted.utf8.count < 2 ? 0 : min(max(wanted.utf8.count / 4, 1), 3)
        let near = names.filter { $0 != wanted }.map { (distance(Array(wanted.utf8), Array($0.utf8)), $0) }
        return near.filter { $0.0 <= limit }.min { $0 < $1 }?.1
    }

    private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var table = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
        for i in 0...left.count {
            for j in 0...right.count {
                guard i > 0, j > 0 else {
                    table[i][j] = i + j
                    continue
                }
                let replaced = table[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, replaced)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
                }
            }
        }
        return table[left.count][right.count]
    }

    @Test("Entries: a near name, the right name in a near namespace, the right name in the only other one")
    func entries() {
        let ids = ["app:tasks_queue", "app.api:gateway", "lib:db", "one:both", "two:both", "app:x"]
        var spelling = EntrySpelling(ids.compactMap { EntryID($0) })
        let nearest = { (text: String) in
            EntryID(text).flatMap { spelling.nearest(to: $0) }?.description
        }
        #expect(nearest("app:task_queue") == "app:tasks_queue")
        #expect(nearest("app.apy:gateway") == "app.api:gateway")
        #expect(nearest("app:db") == "lib:db")
        #expect(nearest("app:both") == nil)
        #expect(nearest("application.with.long.name:mq") == nil)
        #expect(nearest("lib:tasks_queue") == "app:tasks_queue")
    }

    @Test("Four thousand dangling ids among two thousand are answered at once, a hundred of them searched")
    func many() {
        let ids = (0..<2_000).map { EntryID(namespace: "app", name: "some_entry_\($0)_name") }
        var spelling = EntrySpelling(ids)
        let time = processorTime {
            let found = (0..<4_000).count {
                spelling.nearest(to: EntryID(namespace: "app", name: "some_entry_\($0)x_nmae")) != nil
            }
            #expect(found == 100)
        }
        #expect(time < .seconds(5))
    }
}
