import CWippyLua
import CWippyLuaShim

/// One isolated Lua: its globals, its memory, and one call at a time.
///
/// A state is never used by two threads at once. It is not `Sendable`; whoever hands it from one task to another sees
/// to it that the first is done with it. Inside a call the engine moves it between the caller's executor and the pool,
/// one after the other.
///
/// ```swift
/// let state = try LuaState(environment)
/// let chunk = try await state.load(program)
/// let sum = try await state.call(chunk) { stack in
///     stack.push(1)
///     stack.push(2)
///     return 2
/// } results: { stack in stack.integer(at: 1) }
/// ```
public final class LuaState {
    let lua: OpaquePointer
    let shim: UnsafeMutablePointer<wippy_lua_state>
    let environment: LuaEnvironment
    /// The registry's keys of tables: objects that keep their identity, empty tables that are objects, read-only
    /// tables.
    let identities: Int32
    let objects: Int32
    let readOnly: Int32
    private var kept: [AnyObject] = []
    private var modulesToMake: [LuaModule]
    let scheduler: LuaScheduler
    /// Lists that the next writer of JSON uses again.
    var jsonKeys: [[LuaJSONWriter.Key]] = []

    /// What host functions of the call in progress need to know; whoever calls sets it.
    public var context: AnyObject?

    /// Makes a state with the libraries and modules of its environment.
    public init(_ environment: LuaEnvironment) throws(LuaFailure) {
        self.environment = environment
        modulesToMake = environment.modules
        shim = .allocate(capacity: 1)
        shim.initialize(to: wippy_lua_state())
        shim.pointee.call = callHost
        shim.pointee.after_wait = hostAfterWait
        shim.pointee.after_call = hostAfterCall
        shim.pointee.release = releaseObject
        shim.pointee.number_text = writeNumber
        shim.pointee.hosting = 1
        let memory = Swift.max(environment.limits.memory, 1 << 20)
        shim.pointee.limit = memory
        shim.pointee.trigger = memory
        shim.pointee.ceiling = memory.multipliedReportingOverflow(by: 4).partialValue
        shim.pointee.run_limit = environment.limits.run.wholeNanoseconds
        guard let lua = wippy_lua_open(shim) else {
            shim.deallocate()
            throw LuaFailure(.outOfMemory, "not enough memory for a Lua state")
        }
        self.lua = lua
        wippy_lua_open_libraries(lua)
        identities = Self.makeTable(lua, weak: "v")
        objects = Self.makeTable(lua, weak: "k")
        readOnly = Self.makeTable(lua, weak: "k")
        shim.pointee.read_only = readOnly
        scheduler = LuaScheduler(lua, shim)
        shim.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        LuaLibraries.install(on: LuaStack(lua), environment)
    }

    deinit {
        scheduler.forgetAll()
        wippy_lua_close(lua)
        shim.deallocate()
    }

    private static func makeTable(_ lua: OpaquePointer, weak mode: String) -> Int32 {
        lua_createtable(lua, 0, 0)
        lua_createtable(lua, 0, 1)
        lua_pushstring(lua, mode)
        lua_setfield(lua, -2, "__mode")
        lua_setmetatable(lua, -2)
        return luaL_ref(lua, wippy_lua_registry())
    }

    static func of(_ lua: OpaquePointer) -> LuaState {
        // The owner closes the state before it goes, so whatever runs in it finds it.
        Unmanaged<LuaState>.fromOpaque(wippy_lua_owner(lua)).takeUnretainedValue()
    }

    /// How many bytes the state holds.
    public var memoryUsed: Int { shim.pointee.used }

    /// Lets go of everything that scripts do not reach; between calls only.
    public func collectGarbage() { scheduler.collectGarbage() }

    /// Whether further calls are possible; a state that broke its hard limit of memory is thrown away.
    public var isUsable: Bool { !scheduler.isBroken }

    /// How long a text may be that a library function makes.
    var roomForText: Int { shim.pointee.limit }

    func keep(_ object: AnyObject) { kept.append(object) }

    /// Keeps the lists for the keys of a JSON text only if they are small.
    func forgetLargeJSONKeys() {
        if jsonKeys.count > 8 || jsonKeys.contains(where: { $0.capacity > 128 }) { jsonKeys = [] }
    }

    /// Runs a program's text and keeps what it returns: a function, or a table of functions.
    public func load(_ program: LuaProgram) async throws(LuaFailure) -> LuaReference {
        let status = program.bytecode.withUnsafeBytes { bytes in
            wippy_lua_load(
                lua, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, "=" + program.name, true)
        }
        guard status == LUA_OK else {
            lua_settop(lua, 0)
            throw LuaFailure(.unusable, "\(program.name): the program cannot be loaded")
        }
        let chunk = makeReference()
        let body = try await call(chunk) { stack in
            wippy_lua_push_concatenation(stack.lua)
            for function in LuaLibraries.operators { stack.push(function) }
            return 4
        } results: { stack in
            stack.makeReference(at: 1)
        }
        defer { release(chunk) }
        defer { release(body) }
        return try await call(body) { _ in
            0
        } results: { stack in
            stack.makeReference(at: 1)
        }
    }

    /// A field of a table that the state keeps, or nil if there is none.
    public func member(_ name: String, of reference: LuaReference) -> LuaReference? {
        let stack = LuaStack(lua)
        defer { stack.setCount(0) }
        stack.push(reference)
        guard stack.type(at: 1) == .table else { return nil }
        let (table, _) = stack.fields(at: 1)
        return stack.pushField(name, at: table) == .nil ? nil : stack.makeReference(at: -1)
    }

    /// What a reference stands for.
    public func type(of reference: LuaReference) -> LuaType {
        let stack = LuaStack(lua)
        defer { stack.setCount(0) }
        stack.push(reference)
        return stack.type(at: 1)
    }

    /// Makes a value a global, which `require` finds, too.
    public func define(_ name: String, as reference: LuaReference) {
        let stack = LuaStack(lua)
        wippy_lua_push_globals(lua)
        stack.push(reference)
        stack.setField(name, at: 1)
        stack.setCount(0)
    }

    /// Lets go of a value.
    public func release(_ reference: LuaReference) {
        luaL_unref(lua, wippy_lua_registry(), reference.key)
    }

    /// Pops the value on top of the main stack into a reference.
    private func makeReference() -> LuaReference {
        LuaReference(key: luaL_ref(lua, wippy_lua_registry()))
    }

    /// Pushes a module that has not been made yet, and makes it a global.
    func pushModule(_ name: String, on stack: LuaStack) -> Bool {
        guard let index = modulesToMake.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            return false
        }
        modulesToMake.remove(at: index).push(stack)
        wippy_lua_push_globals(stack.lua)
        stack.pushCopy(of: -2)
        stack.setField(name, at: -2)
        stack.pop()
        return true
    }

    /// Makes all modules, since the globals are about to lose what finds them.
    func makeAllModules(on stack: LuaStack) {
        while let name = modulesToMake.first?.name, pushModule(name, on: stack) { stack.pop() }
    }
}

extension LuaStack {
    /// Keeps the value at a position; nil is kept, too.
    public func makeReference(at index: Int) -> LuaReference {
        pushCopy(of: index)
        return LuaReference(key: luaL_ref(lua, wippy_lua_registry()))
    }
}

extension Duration {
    /// In nanoseconds, from zero to centuries.
    fileprivate var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLong ? .max / 2 : min(product + UInt64(clamping: attoseconds / 1_000_000_000), .max / 2)
    }
}
