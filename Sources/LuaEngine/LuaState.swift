import CWippyLua
import CWippyLuaShim
import WippyText

/// An isolated Lua state with its own globals and memory, which runs one call at a time.
///
/// Never use a state from two threads at once. It is not `Sendable`: give it to another task only when the first task
/// has finished with it. During a call, the engine can move the state between the caller's executor and
/// ``LuaThreads/pool``.
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
    /// The registry's keys of three tables: objects that keep their identity, empty tables that are objects, and
    /// read-only tables.
    let identities: Int32
    let objects: Int32
    let readOnly: Int32
    private var kept: [AnyObject] = []
    private var modulesToMake: [LuaModule]
    let scheduler: LuaScheduler
    /// Lists of keys, which the next JSON writer uses again.
    var jsonKeys: [[LuaJSONWriter.Key]] = []

    /// An object that host functions of the current call need.
    ///
    /// Set it before the call.
    public var context: AnyObject?

    /// Creates a state with the libraries and modules of its environment.
    ///
    /// - Throws: ``LuaFailure`` if there is not enough memory.
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
        let memory = Swift.max(environment.limits.memory, LuaEnvironment.Limits.leastMemory)
        shim.pointee.limit = memory
        shim.pointee.trigger = memory
        let (ceiling, overflow) = memory.multipliedReportingOverflow(by: 4)
        shim.pointee.ceiling = overflow ? .max : ceiling
        shim.pointee.run_limit = UInt64(max(environment.limits.run.wholeNanoseconds, 0))
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
        // The owner closes the state before it ends, so code that runs in the state finds its owner.
        Unmanaged<LuaState>.fromOpaque(wippy_lua_owner(lua)).takeUnretainedValue()
    }

    /// The number of bytes that the state holds, including garbage.
    public var memoryUsed: Int { shim.pointee.used }

    /// Releases all values that neither scripts nor references reach.
    ///
    /// Call it only between calls.
    public func collectGarbage() { scheduler.collectGarbage() }

    /// True if the state has borrowed memory, because its own memory for small values is full.
    ///
    /// States borrow memory from a stock that all of them share.
    public var hasBorrowedMemory: Bool { shim.pointee.borrowed != nil }

    /// Gives the borrowed memory back.
    ///
    /// Call ``collectGarbage()`` first, because garbage takes memory, too.
    ///
    /// - Returns: false if a part of the memory is still in use. Then the state keeps the memory.
    public func giveMemoryBack() -> Bool { wippy_lua_give_back(shim) }

    /// True if the state can run further calls.
    ///
    /// It is false after a call has failed for the reason ``LuaFailure/Reason/outOfMemory``.
    public var isUsable: Bool { !scheduler.isBroken }

    /// The largest number of bytes in a text that a function may make: the memory limit of the state.
    public var roomForText: Int { shim.pointee.limit }

    func keep(_ object: AnyObject) { kept.append(object) }

    /// Drops the lists of keys of a JSON text if they are large.
    func forgetLargeJSONKeys() {
        if jsonKeys.count > 8 || jsonKeys.contains(where: { $0.capacity > 128 }) { jsonKeys = [] }
    }

    /// Runs a program's text, and keeps the value that it returns, such as a function or a table of functions.
    ///
    /// - Throws: ``LuaFailure`` if the program cannot be loaded, or if its text fails.
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

    /// Looks up a field of the table to which a reference leads, and keeps the field's value.
    ///
    /// - Returns: a reference to the value; nil if `reference` leads to another value than a table, or if the field is
    ///   nil.
    public func member(_ name: String, of reference: LuaReference) -> LuaReference? {
        let stack = LuaStack(lua)
        defer { stack.setCount(0) }
        stack.push(reference)
        guard stack.type(at: 1) == .table else { return nil }
        return stack.pushField(name, at: 1) == .nil ? nil : stack.makeReference(at: -1)
    }

    /// The type of a reference's value.
    public func type(of reference: LuaReference) -> LuaType {
        let stack = LuaStack(lua)
        defer { stack.setCount(0) }
        stack.push(reference)
        return stack.type(at: 1)
    }

    /// Sets a global variable to the value of a reference.
    ///
    /// Scripts can also read the value by `require`.
    public func define(_ name: String, as reference: LuaReference) {
        let stack = LuaStack(lua)
        wippy_lua_push_globals(lua)
        stack.push(reference)
        stack.setField(name, at: 1)
        stack.setCount(0)
    }

    /// Releases a reference, so that the state no longer keeps its value.
    ///
    /// Do not use the reference after that.
    public func release(_ reference: LuaReference) {
        luaL_unref(lua, wippy_lua_registry(), reference.key)
    }

    /// Pops the value on top of the main stack, and keeps it.
    private func makeReference() -> LuaReference {
        LuaReference(key: luaL_ref(lua, wippy_lua_registry()))
    }

    /// Makes a module that has not been made yet, pushes it, and stores it in a global variable.
    ///
    /// - Returns: false if there is no such module. Then nothing is pushed.
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

    /// Makes all modules, because the globals will lose the function that makes them.
    func makeAllModules(on stack: LuaStack) {
        while let name = modulesToMake.first?.name, pushModule(name, on: stack) { stack.pop() }
    }
}

extension LuaStack {
    /// Keeps the value at a position until you release the reference.
    ///
    /// The value may be nil.
    public func makeReference(at index: Int) -> LuaReference {
        pushCopy(of: index)
        return LuaReference(key: luaL_ref(lua, wippy_lua_registry()))
    }
}
