import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// Converts a verdict into the shim's form, when the Swift code is done.
    func carry(_ verdict: LuaVerdict) -> wippy_lua_verdict {
        switch verdict {
        case .results(let count): return .init(kind: WIPPY_LUA_RETURN, count: Int32(count))
        case .raise: return .init(kind: WIPPY_LUA_RAISE, count: 1)
        case .call(let arguments): return .init(kind: WIPPY_LUA_CALL, count: Int32(arguments))
        case .pause: return .init(kind: WIPPY_LUA_PAUSE, count: 0)
        case .wait(let wait):
            if case .operation = wait {
                do { try checkCanWait() } catch { return raise(error, in: "?") }
            }
            state.suspend(for: wait)
            return .init(kind: WIPPY_LUA_WAIT, count: 0)
        }
    }

    /// Throws if the running coroutine cannot be suspended here.
    func checkCanWait() throws {
        guard wippy_lua_can_wait(lua) else { throw LuaRaise("attempt to yield across a C-call boundary") }
        guard !state.isEnding else { throw LuaRaise("the call is ending") }
    }

    /// Pushes an error that the shim raises.
    func raise(_ error: any Error, in function: String) -> wippy_lua_verdict {
        if let raise = error as? LuaRaise {
            push(raise.sentence(in: function))
            return .init(kind: WIPPY_LUA_RAISE_WITH_PLACE, count: 1)
        }
        push(LuaError(error))
        return .init(kind: WIPPY_LUA_RAISE, count: 1)
    }
}

func callHost(_ function: UnsafeMutableRawPointer, _ lua: OpaquePointer) -> wippy_lua_verdict {
    let stack = LuaStack(lua)
    return Unmanaged<HostFunction>.fromOpaque(function)._withUnsafeGuaranteedRef { function in
        do { return stack.carry(try function.body(stack)) } catch { return stack.raise(error, in: function.name) }
    }
}

func hostAfterWait(_ lua: OpaquePointer) -> wippy_lua_verdict {
    let stack = LuaStack(lua)
    do { return stack.carry(try stack.state.goOn(stack)) } catch { return stack.raise(error, in: "?") }
}

func hostAfterCall(_ lua: OpaquePointer, _ position: Int32) -> wippy_lua_verdict {
    let stack = LuaStack(lua)
    guard let continuation = stack.object(at: Int(position), as: continuationType) else {
        return stack.raise(LuaRaise("a continuation is missing"), in: "?")
    }
    do {
        return stack.carry(try continuation.proceed(stack, at: Int(position)))
    } catch {
        return stack.raise(error, in: "?")
    }
}

func releaseObject(_ object: UnsafeMutableRawPointer) {
    Unmanaged<AnyObject>.fromOpaque(object).release()
}

func writeNumber(_ number: Double, _ text: UnsafeMutablePointer<CChar>) -> Int32 {
    var written = LuaNumber.text(of: number)
    return written.withUTF8 { bytes in
        let count = min(bytes.count, 32)
        for index in 0..<count { text[index] = CChar(bitPattern: bytes[index]) }
        return Int32(count)
    }
}
