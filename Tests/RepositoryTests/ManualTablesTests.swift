import EventLoops
import Testing
import Wippy
import WippyDefinition
import WippySQL
import WippyTesting
import WippyTextTools
import WippyValues

@testable import LuaEngine
@testable import SQLiteGroups
@testable import WippyCommandLine
@testable import WippyLua
@testable import WippyLuaHTTP
@testable import WippyLuaSQL
@testable import WippyMessaging
@testable import WippyQueueCommand
@testable import WippyRuntime

/// The tables of the manual that are written by hand and repeat what the sources say.
@Suite("The tables of the manual")
struct ManualTablesTests {
    private static let manual = KindCatalog(.standard).manual

    /// The rows of a table, each as its cells.
    private static func rows(below header: String, in page: String) throws -> [[String]] {
        try Repository.text(of: page).split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0 != header }.dropFirst(2).prefix { $0.hasPrefix("| ") }
            .map { row in row.dropFirst(2).dropLast(2).split(separator: " | ").map { String($0) } }
    }

    @Test("The defaults of the limits are those of the fields, and of the sources where there is no field")
    func limits() throws {
        let cached = "\(SQLiteSettings(path: "").maxCachedStatements)"
        let limits = SourceLimits.standard
        let fixed = [
            "waiting SQL statements: those that write, those that read": "\(SQLiteSettings(path: "").maxWaiting) each",
            "prepared statements that a connection to SQLite keeps":
                "\(cached), \(bytes(StatementCache.maxBytes)) together, \(bytes(StatementCache.maxStatementBytes)) each, "
                + "with \(bytes(StatementCache.maxTextBytes)) of text",
            "rows of one query": bytes(SQLiteSettings(path: "").maxResultBytes),
            "nesting of JSON": "\(JSON.maxNesting)",
            "a definition file": "\(bytes(limits.fileBytes)), \(limits.nodes) values, \(limits.nesting) levels",
            "all definition files, with the files that `file://` names": bytes(limits.totalBytes),
            "files and folders in the searched folders": "\(limits.files)",
        ]
        let rows = try Self.rows(below: "| limit | field | default | then |", in: "docs/security.md")
        #expect(rows.count >= 15)
        for row in rows {
            if row[1] == "none" {
                #expect(row[2] == fixed[row[0]], "\(row[0])")
            } else {
                let words = row[1].split(separator: "`").map { String($0) }
                let kind = try #require(Self.manual.first { $0.name == words.first }, "\(row[0])")
                let field = try #require(kind.fields.first { $0.path == words.last }, "\(row[0])")
                let shown = row[2].replacing(" each", with: "")
                #expect(field.fallback().split(separator: ", else ").last ?? "" == shown, "\(row[0]): \(shown)")
            }
        }
    }

    private func bytes(_ count: Int) -> String { ByteCount(count).written }

    @Test("The defaults of a script's requests to other servers are those of the sources")
    func requests() throws {
        let options = RequestOptions.standard
        let defaults = try Self.rows(below: "| limit of a request | default |", in: "docs/lua.md").map { $0[1] }
        #expect(
            defaults == [
                options.timeout.written, bytes(options.maxContentBytes), bytes(LuaEnvironment.Limits().memory),
                "\(OutgoingCall.maxRedirections)",
            ])
    }

    /// Sentences of the pages with the numbers of the sources.
    private static var sentences: [(page: String, sentence: String)] {
        var fields = FieldReader(describingIn: "")
        let idle = StatePool.idleTime.components.seconds
        let limits = SourceLimits.standard
        let patience = SQLiteSettings(path: "").transactionIdleTimeout.components.seconds
        let stall = Int(EventLoop.stallThreshold / .milliseconds(1))
        let preparation = PreparedPlan.preparationLimit
        return [
            (
                "lua.md",
                "| not set | up to \(LuaPoolSize(from: &fields).maxStates) | is dropped after \(idle) to \(2 * idle) "
                    + "seconds |"
            ),
            ("lua.md", "calls no method of the transaction for \(patience) seconds."),
            ("lua.md", "has a limit of its own, \(size(ScriptRequest.Limits.standard.bodyBytes));"),
            ("lua.md", "a part is sent whenever \(size(HTTPExchange.chunkBytes)) have been written"),
            ("lua.md", "`request_batch` sends up to \(ScriptModule.maxBatchCount) requests at once."),
            (
                "definition-files.md",
                "A file has at most \(size(limits.fileBytes)), \(limits.nodes / 1000),000 values, and \(limits.nesting) "
                    + "levels"
            ),
            ("writing-handlers.md", "If the closure runs no statement for \(patience) seconds,"),
            ("writing-handlers.md", "while more than \(size(Connection.waterMark)) wait to be sent."),
            ("writing-handlers.md", "holds its loop up for more than \(stall) ms,"),
            ("deploying.md", "blocks or computes for more than \(stall) ms,"),
            ("queues.md", "or not within \(QueueControl.listLimit.components.seconds) s,"),
            ("adding-a-kind.md", "takes more than \(preparation.components.seconds) s, the reload is refused."),
            ("adding-a-kind.md", "answers at most \(ControlServer.maxConnections) requests at once"),
            ("adding-a-kind.md", "the call gives up after \(DeadLetters.sendLimit.components.seconds) s."),
            ("lifecycle.md", "needs more than \(preparation.written),"),
        ]
    }

    /// Returns a number of bytes as prose has it.
    private static func size(_ bytes: Int) -> String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }

    @Test("The numbers in sentences of the manual are those of the sources")
    func numbers() throws {
        for (page, sentence) in Self.sentences {
            let text = try Repository.text(of: "docs/\(page)").replacing("\n  ", with: " ").replacing("\n", with: " ")
            let isThere = text.contains(sentence)
            #expect(isThere, "\(page): \(sentence)")
        }
    }

    @Test("The pages between two checkpoints are those of the sources")
    func checkpoints() throws {
        let pragma = try #require(SQLitePragma.choices.first { $0.name == "wal_autocheckpoint" })
        let decision = try Repository.text(of: "docs/decisions/group-commit.md")
        #expect(decision.contains("every \(try #require(pragma.standard)) pages"))
    }

    /// Functions of wippy that always return an error here.
    private static let withoutEffect: Set = ["build_delta", "raw"]

    @Test("The page of Lua modules has every function that a script can list")
    func luaModules() async throws {
        let modules = [any ProgramPart].standard.compactMap { $0 as? ScriptModule }
        let names = modules.filter(\.isListed).map(\.name.string)
        let project = """
            namespace: app
            entries:
              - {name: host, kind: process.host, lifecycle: {auto_start: true}}
              - name: functions
                kind: function.lua
                modules: [\(names.joined(separator: ", "))]
                source: |
                  return function(name)
                      local module, names = require(name), {}
                      for key, value in pairs(type(module) == "table" and module or {}) do
                          if type(value) == "function" then names[#names + 1] = key end
                      end
                      return {names = table.concat(names, " ")}
                  end
            """
        let page = try Repository.text(of: "docs/lua-modules.md")
        try await TestApplication(project: .definitions(project), handlers: []) { app in
            for name in names {
                let functions = try await app.function("app:functions").call(.string(name))["names"]?.string ?? ""
                for function in functions.split(separator: " ").map({ String($0) })
                where !Self.withoutEffect.contains(function) {
                    let isThere = page.contains("\(function)(") || page.contains("`\(function)`")
                    #expect(isThere, "\(name).\(function)")
                }
            }
        }
    }

    /// The options that a script can give to functions of modules.
    private static var scriptOptions: [(function: String, table: FieldTable)] {
        [
            ("http.request", FieldTable(of: { _ = ScriptRequest.Limits(from: &$0) })),
            ("a request to another server", FieldTable(of: { _ = RequestOptions(from: &$0) })),
            ("begin", FieldTable(of: { _ = SQLTransactionOptions(from: &$0) })),
            ("text.diff.new", FieldTable(of: { _ = DifferOptions(from: &$0) })),
            ("text.splitter.recursive", FieldTable(of: { _ = TextSplitter(from: &$0) })),
        ]
    }

    @Test("The options of the functions of Lua modules are those of the sources")
    func scriptOptions() throws {
        let page = try Repository.text(of: "docs/lua-modules.md")
        for (function, table) in Self.scriptOptions {
            let table = "\(table)".replacing("| field | takes |", with: "| option | takes |")
            let isThere = page.contains("\n\n\(table)\n\n")
            #expect(isThere, "\(function)\n\(table)")
        }
        var (plain, markdown) = (FieldReader(), FieldReader())
        _ = (TextSplitter(from: &plain), TextSplitter(markdownFrom: &markdown))
        let more = markdown.descriptions.filter { field in !plain.descriptions.contains { $0.path == field.path } }
        let table = "\(FieldTable(more))".replacing("| field | takes |", with: "| option of `markdown` | takes |")
        let isThere = page.contains("\n\n\(table)\n\n")
        #expect(isThere, "\(table)")
    }

    @Test("The figures of a queue are those of the sources")
    func figures() throws {
        let rows = QueueInfo.figures.map { figure in
            var cells = ["`\(figure.name)`", "`\(figure.name)`", "`\(figure.metric.description.name)`"]
            if case .flag(let name, let words, _) = figure.value {
                cells = [
                    "`\(name)`: `\(words.isSet)` or `\(words.isNotSet)`", "\(cells[1]): true or false", cells[2],
                ]
            }
            let description = figure.metric.description
            let row = ["`\(figure.heading)`"] + cells + [description.unit, description.help]
            return "| \(row.joined(separator: " | ")) |\n"
        }
        let header = "| `queue list` | `--json` | `queue.info` in Lua | metric | unit | description |\n"
        let table = "\(header)| --- | --- | --- | --- | --- | --- |\n\(rows.joined())"
        #expect(try Repository.text(of: "docs/queues.md").contains("\n\n\(table)\n"), "\(table)")
    }

    @Test("The headers by which a message says how it is kept are those of the sources")
    func headers() throws {
        let table = "\(FieldTable(of: { _ = MessageOptions(from: &$0) }))"
            .replacing("| field | takes |", with: "| header | takes |")
        #expect(try Repository.text(of: "docs/queues.md").contains("\n\n\(table)\n\n"), "\(table)")
    }
}
