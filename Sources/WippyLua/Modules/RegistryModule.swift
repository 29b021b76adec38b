import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

extension LuaModule {
    /// `registry`: the entries of the plan in force.
    static let registry = LuaModule(
        "registry",
        [
            .function("get") { stack in try stack.registrySnapshot.get(stack, at: 1) },
            .function("find") { stack in try stack.registrySnapshot.find(stack, at: 1) },
            .function("snapshot") { stack in
                stack.succeed(try stack.registrySnapshot, as: RegistrySnapshot.type)
            },
            .function("snapshot_at") { stack in
                let number = try stack.checkInteger(at: 1)
                let snapshot = try stack.registrySnapshot
                guard snapshot.number == number else { return stack.fail(.noVersion(number)) }
                return stack.succeed(snapshot, as: RegistrySnapshot.type)
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
                let id = EntryID(text, relativeTo: "")
                stack.pushTable(fields: 2)
                stack.push(id?.namespace ?? "")
                stack.setField("ns", at: -2)
                stack.push(id?.name ?? text)
                stack.setField("name", at: -2)
                return .one
            },
            .function("apply_version") { stack in stack.fail(.noChanges) },
            .function("build_delta") { stack in stack.fail(.noChanges) },
        ])
}

/// The entries as they are at one moment.
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
            "version": { stack, snapshot in stack.give(RegistryVersion(snapshot.number), as: RegistryVersion.type) },
            "changes": { stack, _ in stack.fail(.noChanges) },
        ],
        text: { "registry.Snapshot{\($0.number)}" })

    let number: Int
    let plan: Plan

    init(_ version: Registry.Version) {
        (number, plan) = (version.number, version.plan)
    }

    func get(_ stack: LuaStack, at index: Int) throws -> LuaVerdict {
        let text = try stack.checkString(at: index)
        guard let entry = EntryID(text, relativeTo: "").flatMap({ plan[$0] }) else {
            return stack.fail(.notFound("there is no entry '\(text)'"))
        }
        try stack.push(entry.shown)
        return stack.succeed()
    }

    /// The entries that have what a table says: `.kind`, `.ns`, `.name`, `.id`, and anything else of `meta`.
    func find(_ stack: LuaStack, at index: Int) throws -> LuaVerdict {
        if !stack.isNil(at: index) { try stack.check(.table, at: index) }
        let wanted = try stack.dataValue(at: index).map ?? ValueMap()
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
    /// The entry as scripts see it.
    fileprivate var shown: Value {
        let (meta, data) = values
        return ["id": .string(id.description), "kind": .string(kind.description), "meta": meta, "data": data]
    }

    fileprivate func matches(_ wanted: ValueMap) -> Bool {
        guard !wanted.isEmpty else { return true }
        let meta = values.meta
        return wanted.allSatisfy { name, value in
            switch name {
            case ".kind": return value.string.map { ExactText($0) } == ExactText(kind.description)
            case ".ns": return value.string.map { ExactText($0) } == ExactText(id.namespace)
            case ".name": return value.string.map { ExactText($0) } == ExactText(id.name)
            case ".id": return value.string.map { ExactText($0) } == ExactText(id.description)
            default:
                let path = name.hasExactPrefix("meta.") ? name.dropping("meta.") : name
                let found = path.unicodeScalars.split(separator: ".").reduce(Optional(meta)) { $0?[String($1)] }
                return found.map { $0 == value || $0.list?.contains(value) == true } ?? false
            }
        }
    }
}

/// A version of the plan, by its number.
private final class RegistryVersion: Sendable {
    static let type: LuaObjectType<RegistryVersion> = LuaObjectType(
        "registry.Version",
        methods: [
            "id": { stack, version in stack.give(version.number) },
            "string": { stack, version in stack.give("v\(version.number)") },
            "previous": { stack, _ in
                stack.pushNil()
                return .one
            },
            "next": { stack, _ in
                stack.pushNil()
                return .one
            },
        ],
        text: { "registry.Version{\($0.number)}" })

    let number: Int

    init(_ number: Int) {
        self.number = number
    }
}

/// The versions that are kept: the one in force.
private final class RegistryHistory: Sendable {
    static let type: LuaObjectType<RegistryHistory> = LuaObjectType(
        "registry.History",
        methods: [
            "versions": { stack, _ in try stack.pushVersions() },
            "get_version": { stack, _ in
                let number = try stack.checkInteger(at: 2)
                guard try stack.registrySnapshot.number == number else { return stack.fail(.noVersion(number)) }
                return stack.succeed(RegistryVersion(number), as: RegistryVersion.type)
            },
            "snapshot_at": { stack, _ in
                let version = try stack.checkObject(at: 2, as: RegistryVersion.type)
                let snapshot = try stack.registrySnapshot
                guard snapshot.number == version.number else { return stack.fail(.noVersion(version.number)) }
                return stack.succeed(snapshot, as: RegistrySnapshot.type)
            },
        ],
        text: { _ in "registry.History" })
}

extension LuaStack {
    /// The entries as they are now.
    fileprivate var registrySnapshot: RegistrySnapshot {
        get throws {
            guard let registry = try call.entry.registry else {
                throw LuaError.internal("the application has stopped")
            }
            return RegistrySnapshot(registry.current)
        }
    }

    /// Pushes the list of the versions that are kept.
    fileprivate func pushVersions() throws -> LuaVerdict {
        let version = RegistryVersion(try registrySnapshot.number)
        pushTable(elements: 1)
        push(version, as: RegistryVersion.type)
        setElement(1, at: -2)
        return succeed()
    }
}

extension LuaError {
    fileprivate static let noChanges = LuaError.invalid(
        "code cannot change the registry yet in wippy-swift; change the definition files, and reload")

    fileprivate static func noVersion(_ number: Int) -> LuaError {
        .notFound("version \(number) is not kept; only the one in force is")
    }
}
