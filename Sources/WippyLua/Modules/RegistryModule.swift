import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

extension ScriptModule {
    /// `registry`: the entries of the plan in force.
    static let registry = ScriptModule(
        "registry",
        [
            .function("get") { stack in try stack.registrySnapshot.get(stack, at: 1) },
            .function("find") { stack in try stack.registrySnapshot.find(stack, at: 1) },
            .function("snapshot") { stack in
                stack.succeed(try stack.registrySnapshot, as: RegistrySnapshot.type)
            },
            .function("snapshot_at") { stack in
                let number = try stack.checkInteger(at: 1)
                guard number > 0 else { return stack.fail(.invalid("a version's number must be 1 or more")) }
                return try stack.pushSnapshot(of: number)
            },
            .function("current_version") { stack in
                stack.succeed(RegistryVersion(try stack.registrySnapshot.number), as: RegistryVersion.type)
            },
            .function("versions") { stack in try stack.pushVersions() },
            .function("history") { stack in
                stack.succeed(RegistryHistory(), as: RegistryHistory.type)
            },
            .function("parse_id") { stack in
                let text = try stack.checkString(at: 1)
                let id = EntryID(text)
                stack.pushTable(fields: 2)
                stack.push(id?.namespace ?? "")
                stack.setField("ns", at: -2)
                stack.push(id?.name ?? text)
                stack.setField("name", at: -2)
                return .one
            },
            .function("apply_version") { stack in
                let version = try stack.checkObject(at: 1, as: RegistryVersion.type)
                return try stack.edit { editor in
                    try await editor.go(to: version.number)
                } then: { stack, _ in
                    stack.push(true)
                }
            },
            .absent("build_delta"),
        ])
}

/// The entries at one moment.
private final class RegistrySnapshot: Sendable {
    static let type: LuaObjectType<RegistrySnapshot> = LuaObjectType(
        "registry.Snapshot",
        methods: [
            "entries": { stack, snapshot in try snapshot.push(snapshot.plan.entries, on: stack) },
            "get": { stack, snapshot in try snapshot.get(stack, at: 2) },
            "find": { stack, snapshot in try snapshot.find(stack, at: 2) },
            "namespace": { stack, snapshot in
                let namespace = ExactText(try stack.checkString(at: 2))
                return try snapshot.push(
                    snapshot.plan.entries.filter { ExactText($0.id.namespace) == namespace }, on: stack)
            },
            "version": { stack, snapshot in
                stack.give(RegistryVersion(snapshot.number), as: RegistryVersion.type)
            },
            "changes": { stack, _ in
                stack.succeed(RegistryChanges(), as: RegistryChanges.type)
            },
        ],
        text: { "registry.Snapshot{\($0.number)}" })

    let number: Int
    let plan: Plan

    init(_ version: Registry.Version) {
        (number, plan) = (version.number, version.plan)
    }

    func get(_ stack: LuaStack, at index: Int) throws -> LuaVerdict {
        let text = try stack.checkString(at: index)
        guard let entry = EntryID(text).flatMap({ plan[$0] }) else {
            return stack.fail(.notFound("there is no entry '\(text)'"))
        }
        try stack.push(entry.shown)
        return stack.succeed()
    }

    /// Finds the entries that match a table.
    func find(_ stack: LuaStack, at index: Int) throws -> LuaVerdict {
        if !stack.isNil(at: index) { try stack.check(.table, at: index) }
        let wanted = try stack.dataValue(at: index).map ?? ValueMap()
        let properties = wanted.filter { $0.key.hasExactPrefix(".") }.map { ($0.key, $0.value) }
        _ = try NamedValues<EntryProperty>(.map(ValueMap(properties, onRepeatedKey: .keepLast)))
        return try push(plan.entries.filter { $0.matches(wanted) }, on: stack)
    }

    private func push(_ entries: [PlannedEntry], on stack: LuaStack) throws -> LuaVerdict {
        stack.pushTable(elements: entries.count)
        for (index, entry) in entries.enumerated() {
            try stack.push(entry.shown)
            stack.setElement(index + 1, at: -2)
        }
        return stack.succeed()
    }
}

extension PlannedEntry {
    /// The entry as a table for scripts.
    fileprivate var shown: Value {
        let (meta, data) = values
        return ["id": .string(id.description), "kind": .string(kind.description), "meta": meta, "data": data]
    }

    fileprivate func matches(_ wanted: ValueMap) -> Bool {
        guard !wanted.isEmpty else { return true }
        let meta = values.meta
        return wanted.allSatisfy { name, value in
            if let property = EntryProperty(rawValue: name) {
                return value.string.map { ExactText.areEqual($0, text(of: property)) } ?? false
            }
            let path = name.hasExactPrefix("meta.") ? name.dropping("meta.") : name
            let found = path.unicodeScalars.split(separator: ".").reduce(Optional(meta)) { $0?[String($1)] }
            return found.map { $0 == value || $0.list?.contains(value) == true } ?? false
        }
    }

    private func text(of property: EntryProperty) -> String {
        switch property {
        case .kind: kind.description
        case .namespace: id.namespace
        case .name: id.name
        case .id: id.description
        }
    }
}

/// A version of the plan, by its number.
private final class RegistryVersion: Sendable {
    static let type: LuaObjectType<RegistryVersion> = LuaObjectType(
        "registry.Version",
        methods: [
            "id": { stack, version in
                stack.push(version.number)
                return .one
            },
            "string": { stack, version in
                stack.push("v\(version.number)")
                return .one
            },
            "previous": { stack, version in
                try stack.push(version: try stack.keptVersions.last { $0.number < version.number })
            },
            "next": { stack, version in
                try stack.push(version: try stack.keptVersions.first { $0.number > version.number })
            },
        ],
        text: { "registry.Version{\($0.number)}" })

    let number: Int

    init(_ number: Int) {
        self.number = number
    }
}

/// The kept versions: the last hundred that were in force.
private final class RegistryHistory: Sendable {
    static let type: LuaObjectType<RegistryHistory> = LuaObjectType(
        "registry.History",
        methods: [
            "versions": { stack, _ in try stack.pushVersions() },
            "get_version": { stack, _ in
                let number = try stack.checkInteger(at: 2)
                guard try stack.keptVersions.contains(where: { $0.number == number }) else {
                    return stack.fail(LuaError(of: WippyError.versionNotKept(number)))
                }
                return stack.succeed(RegistryVersion(number), as: RegistryVersion.type)
            },
            "snapshot_at": { stack, _ in
                try stack.pushSnapshot(of: try stack.checkObject(at: 2, as: RegistryVersion.type).number)
            },
        ],
        text: { _ in "registry.History" })
}

extension LuaStack {
    /// The entries of the plan in force.
    fileprivate var registrySnapshot: RegistrySnapshot {
        get throws {
            RegistrySnapshot(try registry.current)
        }
    }

    private var registry: Registry {
        get throws {
            guard let registry = try call.context.registry else { throw LuaError.applicationStopped }
            return registry
        }
    }

    /// The kept versions, sorted by number.
    fileprivate var keptVersions: [Registry.Version] { get throws { try registry.kept } }

    fileprivate func push(version: Registry.Version?) throws -> LuaVerdict {
        if let version { push(RegistryVersion(version.number), as: RegistryVersion.type) } else { pushNil() }
        return .one
    }

    /// Pushes the entries of a version.
    fileprivate func pushSnapshot(of number: Int) throws -> LuaVerdict {
        guard let version = try keptVersions.first(where: { $0.number == number }) else {
            return fail(LuaError(of: WippyError.versionNotKept(number)))
        }
        push(RegistrySnapshot(version), as: RegistrySnapshot.type)
        return succeed()
    }

    /// Pushes the list of the kept versions.
    fileprivate func pushVersions() throws -> LuaVerdict {
        let versions = try keptVersions
        pushTable(elements: versions.count)
        for (index, version) in versions.enumerated() {
            push(RegistryVersion(version.number), as: RegistryVersion.type)
            setElement(index + 1, at: -2)
        }
        return succeed()
    }

    /// Makes the application change its entries, and waits until the change is done.
    fileprivate func edit<Result: Sendable>(
        _ change: @escaping @Sendable (any RegistryEditor) async throws -> Result,
        then pushResult: @escaping (LuaStack, Result) throws -> Void
    ) throws -> LuaVerdict {
        guard let editor = try registry.editor else { return fail(.applicationStopped) }
        return .wait {
            try await change(editor)
        } then: { stack, result in
            try stack.push(result) { try pushResult(stack, $0) }
        }
    }
}

/// Collects a script's changes of entries.
///
/// The changes take effect only with `apply`.
///
/// `@unchecked Sendable`: the object belongs to one state, which is used by one thread at a time.
private final class RegistryChanges: @unchecked Sendable {
    private var operations: [EntryOperation] = []

    static let type: LuaObjectType<RegistryChanges> = LuaObjectType(
        "registry.Changes",
        methods: [
            "create": { stack, changes in
                let (id, kind, meta, data) = try stack.checkEntry(at: 2)
                return changes.add(.create(id, kind: kind, meta: meta, data: data), stack)
            },
            "update": { stack, changes in
                let (id, kind, meta, data) = try stack.checkEntry(at: 2)
                return changes.add(.update(id, kind: kind, meta: meta, data: data), stack)
            },
            "delete": { stack, changes in changes.add(.delete(try stack.checkID(at: 2)), stack) },
            "ops": { stack, changes in
                try stack.push(.list(changes.operations.map(\.shown)))
                return .one
            },
            "apply": { stack, changes in
                let operations = changes.operations
                guard !operations.isEmpty else { return stack.fail(.invalid("there is no change to apply")) }
                return try stack.edit { editor in
                    try await editor.apply(operations)
                } then: { stack, number in
                    stack.push(RegistryVersion(number), as: RegistryVersion.type)
                }
            },
        ],
        text: { "registry.Changes{\($0.operations.count)}" }, keepsIdentity: true)

    private func add(_ operation: EntryOperation, _ stack: LuaStack) -> LuaVerdict {
        operations.append(operation)
        stack.pushCopy(of: 1)
        return .one
    }
}

/// The names in a table that is an entry.
private enum EntryPart: String, CaseIterable {
    case id, kind, meta, data
}

/// The names of an entry's properties in a search.
///
/// Any other name is that of a value in `meta`.
private enum EntryProperty: String, CaseIterable {
    case kind = ".kind"
    case namespace = ".ns"
    case name = ".name"
    case id = ".id"
}

extension EntryOperation {
    /// The operation as a table for scripts.
    fileprivate var shown: Value {
        let (word, entry): (String, Value) =
            switch self {
            case .create(let id, let kind, let meta, let data):
                ("create", ["id": .string(id.description), "kind": .string(kind), "meta": meta, "data": data])
            case .update(let id, let kind, let meta, let data):
                ("update", ["id": .string(id.description), "kind": .string(kind), "meta": meta, "data": data])
            case .delete(let id): ("delete", ["id": .string(id.description)])
            }
        return ["kind": .string("entry.\(word)"), "entry": entry]
    }
}

extension LuaStack {
    /// Returns the full id in an argument.
    fileprivate func checkID(at index: Int) throws -> EntryID { try Self.id(try checkString(at: index)) }

    private static func id(_ text: String) throws -> EntryID {
        guard let id = EntryID(text) else {
            throw LuaError.invalid("'\(text)' is not an id: an id is 'namespace:name'")
        }
        return id
    }

    /// Returns the entry in an argument.
    fileprivate func checkEntry(at index: Int) throws -> (EntryID, kind: String, meta: Value, data: Value) {
        try check(.table, at: index)
        let entry = try namedValues(at: index, as: EntryPart.self)
        guard let id = entry[.id]?.string, let kind = entry[.kind]?.string else {
            throw LuaError.invalid("an entry needs the strings '\(EntryPart.id)' and '\(EntryPart.kind)'")
        }
        return (try Self.id(id), kind, entry[.meta] ?? .null, entry[.data] ?? .null)
    }
}
