import CWippyLua
import CWippyLuaShim
import WippyCollections

/// A channel between the coroutines of a call: a queue of Lua values with a capacity.
///
/// If the capacity is 0, a sender waits until a receiver takes the value.
public final class LuaChannel {
    private let capacity: Int
    /// The registry's keys of values that were sent and not received.
    private var values = Deque<Int32>()
    private var receivers = WaitingLine<Waiter>()
    private var senders = WaitingLine<(waiter: Waiter, key: Int32)>()
    private var lastTicket = 0
    private var isClosed = false
    /// Receives the keys that are left when the channel ends.
    private var dropped: DroppedReferences?

    deinit {
        while let key = values.popFirst() { dropped?.append(key) }
        while let sender = senders.popFirst() { dropped?.append(sender.key) }
    }

    /// Creates a channel.
    ///
    /// - Parameter capacity: the number of sent values at which the channel is full, so that a coroutine that sends
    ///   waits. Default: 0; a negative number counts as 0.
    public init(capacity: Int = 0) {
        self.capacity = max(capacity, 0)
    }

    /// A coroutine that waits for one of several cases.
    final class Waiter {
        let coroutine: Coroutine
        /// True if the coroutine waits in a `select`, which returns a table.
        let isSelect: Bool
        private var places: [Place] = []

        /// A place in the lines of a channel.
        private struct Place {
            weak var channel: LuaChannel?
            let ticket: Int
        }

        init(_ coroutine: Coroutine, isSelect: Bool) {
            self.coroutine = coroutine
            self.isSelect = isSelect
        }

        /// Notes a place in the lines of a channel, which the waiter leaves when it has got its value.
        func standsInLine(of channel: LuaChannel, ticket: Int) {
            places.append(Place(channel: channel, ticket: ticket))
        }

        /// Leaves the lines of all channels, because one of the cases has happened.
        func finish() {
            for place in places { place.channel?.leave(place.ticket) }
            places = []
        }
    }

    /// The number of waiters in the lines, including those whose coroutines are over.
    var waiterCount: Int { receivers.count + senders.count }

    /// Puts a waiter at the end of a line.
    ///
    /// - Parameter key: the value that the waiter sends; nil if it receives.
    private func append(_ waiter: Waiter, sending key: Int32? = nil) {
        dropLost()
        lastTicket += 1
        if let key {
            senders.append((waiter, key), ticket: lastTicket)
        } else {
            receivers.append(waiter, ticket: lastTicket)
        }
        if waiter.isSelect { waiter.standsInLine(of: self, ticket: lastTicket) }
    }

    /// Removes waiters from the heads of the lines whose calls have ended.
    private func dropLost() {
        while receivers.first?.coroutine.isOver == true { _ = receivers.popFirst() }
        while senders.first?.waiter.coroutine.isOver == true, let lost = senders.popFirst() {
            dropped?.append(lost.key)
        }
    }

    private func leave(_ ticket: Int) {
        if receivers.remove(ticket) == nil, let sender = senders.remove(ticket) { dropped?.append(sender.key) }
    }

    /// Wakes a receiver with a value, which a key identifies; nil tells the receiver that the channel is closed.
    private func deliver(_ key: Int32?, to waiter: Waiter, in scheduler: LuaScheduler) {
        waiter.finish()
        let isSelect = waiter.isSelect
        scheduler.wake(waiter.coroutine) { [self] stack in
            if isSelect { return pushSelected(key, on: stack) }
            pushValue(key, on: stack)
            stack.push(key != nil)
            return .results(2)
        }
    }

    private func pushValue(_ key: Int32?, on stack: LuaStack) {
        guard let key else { return stack.pushNil() }
        stack.push(LuaReference(key: key))
        luaL_unref(stack.lua, wippy_lua_registry(), key)
    }

    /// Pushes the table that `select` returns.
    private func pushSelected(_ key: Int32?, on stack: LuaStack) -> LuaVerdict {
        stack.pushTable(fields: 3)
        stack.push(self)
        stack.setField("channel", at: -2)
        pushValue(key, on: stack)
        stack.setField("value", at: -2)
        stack.push(key != nil)
        stack.setField("ok", at: -2)
        return .one
    }

    private func nextReceiver() -> Waiter? {
        dropLost()
        return receivers.popFirst()
    }

    enum Received {
        case value(Int32)
        case closed, nothing
    }

    private func receive(in scheduler: LuaScheduler) -> Received {
        if let key = values.popFirst() {
            if let sender = nextSender() {
                values.append(sender.key)
                sent(sender, in: scheduler)
            }
            return .value(key)
        }
        if let sender = nextSender() {
            sent(sender, in: scheduler)
            return .value(sender.key)
        }
        return isClosed ? .closed : .nothing
    }

    private func nextSender() -> (waiter: Waiter, key: Int32)? {
        dropLost()
        return senders.popFirst()
    }

    private func sent(_ sender: (waiter: Waiter, key: Int32), in scheduler: LuaScheduler) {
        sender.waiter.finish()
        let isSelect = sender.waiter.isSelect
        scheduler.wake(sender.waiter.coroutine) { [self] stack in
            if isSelect { return pushSent(on: stack) }
            return stack.give(true)
        }
    }

    private func pushSent(on stack: LuaStack) -> LuaVerdict {
        stack.pushTable(fields: 2)
        stack.push(self)
        stack.setField("channel", at: -2)
        stack.push(true)
        stack.setField("ok", at: -2)
        return .one
    }

    /// Sends the value at a position if a receiver waits or the channel has room.
    ///
    /// - Returns: true if the value was sent.
    /// - Throws: `LuaRaise` if the channel is closed.
    private func trySend(_ index: Int, on stack: LuaStack) throws(LuaRaise) -> Bool {
        guard !isClosed else { throw LuaRaise("send on closed channel") }
        let scheduler = stack.state.scheduler
        dropped = scheduler.dropped
        if let receiver = nextReceiver() {
            deliver(stack.makeReference(at: index).key, to: receiver, in: scheduler)
            return true
        }
        guard values.count < capacity else { return false }
        values.append(stack.makeReference(at: index).key)
        return true
    }

    /// True if the channel is open and has room for another value.
    ///
    /// A capacity of 0 counts as 1 here.
    public var hasRoom: Bool { !isClosed && values.count < max(capacity, 1) }

    /// Pops a value and sends it without waiting, for Swift code.
    ///
    /// If no receiver waits and the channel is full, the value is added in spite of the capacity. If the channel is
    /// closed, the value is dropped.
    public func send(fromTopOf stack: LuaStack) {
        if let isSent = try? trySend(stack.count, on: stack), !isSent {
            values.append(stack.makeReference(at: -1).key)
        }
        stack.pop()
    }

    /// Closes the channel.
    ///
    /// Receivers get the values that are left, and then no value. A coroutine that waits to send raises an error.
    public func close(in state: LuaState) {
        guard !isClosed else { return }
        isClosed = true
        while let receiver = nextReceiver() { deliver(nil, to: receiver, in: state.scheduler) }
        while let sender = nextSender() {
            sender.waiter.finish()
            luaL_unref(state.lua, wippy_lua_registry(), sender.key)
            state.scheduler.wake(sender.waiter.coroutine) { _ in throw LuaRaise("send on closed channel") }
        }
    }

    static let objectType = LuaObjectType<LuaChannel>(
        "channel",
        methods: [
            "send": { stack, channel in
                stack.setCount(2)
                if try channel.trySend(2, on: stack) {
                    return stack.give(true)
                }
                try stack.checkCanWait()
                guard let coroutine = stack.state.scheduler.current else { return .none }
                channel.append(Waiter(coroutine, isSelect: false), sending: stack.makeReference(at: 2).key)
                return .wait(.event)
            },
            "receive": { stack, channel in
                switch channel.receive(in: stack.state.scheduler) {
                case .value(let key):
                    channel.pushValue(key, on: stack)
                    stack.push(true)
                case .closed:
                    stack.pushNil()
                    stack.push(false)
                case .nothing:
                    try stack.checkCanWait()
                    guard let coroutine = stack.state.scheduler.current else { return .none }
                    channel.append(Waiter(coroutine, isSelect: false))
                    return .wait(.event)
                }
                return .results(2)
            },
            "close": { stack, channel in
                channel.close(in: stack.state)
                return .none
            },
            "case_receive": { stack, channel in stack.give(Case(channel, value: nil), as: caseType) },
            "case_send": { stack, channel in
                stack.setCount(2)
                let value = HeldValue(stack.makeReference(at: 2).key, dropped: stack.state.scheduler.dropped)
                return stack.give(Case(channel, value: value), as: caseType)
            },
        ], keepsIdentity: true)

    /// A case that a `select` waits for.
    final class Case {
        let channel: LuaChannel
        /// The value to send; nil for a case that receives.
        private let value: HeldValue?

        init(_ channel: LuaChannel, value: HeldValue?) {
            self.channel = channel
            self.value = value
        }

        var key: Int32? { value?.key }
    }

    /// A value in the registry that is released with this object.
    final class HeldValue {
        let key: Int32
        private let dropped: DroppedReferences

        init(_ key: Int32, dropped: DroppedReferences) {
            self.key = key
            self.dropped = dropped
        }

        deinit { dropped.append(key) }
    }

    private static let caseType = LuaObjectType<Case>("channel.case")

    static let library = LuaModule(
        "channel",
        [
            .function("new") { stack in stack.give(LuaChannel(capacity: try stack.checkInteger(at: 1, default: 0))) },
            .function("select") { stack in try select(stack) },
        ])

    /// Performs the first case that is ready, in the order of the cases.
    ///
    /// If none is ready and there is no default, it waits for one.
    private static func select(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        let scheduler = stack.state.scheduler
        var cases: [Case] = []
        for number in 1...max(stack.length(at: 1), 1) {
            stack.pushElement(number, at: 1)
            if let one = stack.object(at: -1, as: caseType) { cases.append(one) }
            stack.pop()
        }
        for one in cases {
            if let key = one.key {
                stack.push(LuaReference(key: key))
                if try one.channel.trySend(stack.count, on: stack) { return one.channel.pushSent(on: stack) }
                stack.pop()
            } else {
                switch one.channel.receive(in: scheduler) {
                case .value(let key): return one.channel.pushSelected(key, on: stack)
                case .closed: return one.channel.pushSelected(nil, on: stack)
                case .nothing: break
                }
            }
        }
        stack.pushField("default", at: 1)
        if stack.isTrue(at: -1) {
            stack.pushTable(fields: 2)
            for field in ["default", "ok"] {
                stack.push(true)
                stack.setField(field, at: -2)
            }
            return .one
        }
        try stack.checkCanWait()
        guard let coroutine = scheduler.current else { return .none }
        let waiter = Waiter(coroutine, isSelect: true)
        for one in cases {
            if let key = one.key {
                stack.push(LuaReference(key: key))
                one.channel.append(waiter, sending: stack.makeReference(at: -1).key)
                stack.pop()
            } else {
                one.channel.append(waiter)
            }
        }
        return .wait(.event)
    }
}

extension LuaStack {
    /// Pushes a channel onto the stack.
    public func push(_ channel: LuaChannel) { push(channel, as: LuaChannel.objectType) }
}
