import LuaEngine
import WippyValues

/// A copy of tables, at least one of which contains itself.
///
/// A table that occurs several times is copied once.
struct LuaGraph: Sendable {
    /// A value in a table.
    fileprivate enum Part: Sendable {
        /// A value that is not a table.
        case scalar(Value)
        /// One of the tables, by its number.
        case table(Int)
    }

    fileprivate enum Table: Sendable {
        case list([Part])
        case map([(key: String, part: Part)])
    }

    /// The tables.
    ///
    /// Each table comes before those that were first found through it. The first table is the copied value.
    fileprivate let tables: [Table]

    /// The reason why code that is not a script cannot have the value.
    let refusal: String

    /// The approximate number of bytes of memory that the tables take.
    let size: Int
}

extension LuaStack {
    /// Pushes the tables with their references to each other.
    func push(_ graph: LuaGraph) throws(LuaRaise) {
        try reserve(4)
        pushTable(elements: graph.tables.count)
        let made = count
        for (number, table) in graph.tables.enumerated() {
            switch table {
            case .list(let parts): pushTable(elements: parts.count)
            case .map(let pairs): pushTable(fields: pairs.count)
            }
            setElement(number + 1, at: made)
        }
        for (number, table) in graph.tables.enumerated() {
            if mustStop { throw LuaRaise("the copy has been stopped") }
            pushElement(number + 1, at: made)
            switch table {
            case .list(let parts):
                for (index, part) in parts.enumerated() {
                    if index & 0x3ff == 0x3ff, mustStop { throw LuaRaise("the copy has been stopped") }
                    push(part, of: made)
                    setElement(index + 1, at: -2)
                }
            case .map(let pairs):
                for (key, part) in pairs {
                    push(part, of: made)
                    setField(key, at: -2)
                }
                if pairs.isEmpty { markAsObject(at: -1) }
            }
            pop()
        }
        pushElement(1, at: made)
        remove(at: made)
    }

    private func push(_ part: LuaGraph.Part, of made: Int) {
        switch part {
        case .table(let number): pushElement(number + 1, at: made)
        case .scalar(let value): if !pushScalar(value) { pushNil() }
        }
    }

    /// Returns a copy of the table at a position if this table, or a table in it, contains itself; otherwise nil.
    func cyclicGraph(at index: Int) throws(LuaRaise) -> LuaGraph? {
        guard type(at: index) == .table else { return nil }
        var reading = GraphReading(stack: self, room: CopyRoom(of: self))
        _ = try reading.part(at: index)
        return reading.graph
    }
}

/// Reads tables into a graph.
private struct GraphReading {
    let stack: LuaStack
    var room: LuaStack.CopyRoom

    /// The tables that have been read, by their numbers; nil for a table that is being read.
    private var tables: [LuaGraph.Table?] = []
    /// The numbers of the tables, by their identities.
    private var numbers: [Int: Int] = [:]
    /// The tables that are being read, the innermost last.
    ///
    /// The step leads from the table before it in the list to this table.
    private var open: [(number: Int, step: Step)] = []
    private var refusal: String?
    private var size = 0

    private enum Step {
        case whole
        case element(Int)
        case field(String)
    }

    init(stack: LuaStack, room: LuaStack.CopyRoom) {
        (self.stack, self.room) = (stack, room)
    }

    /// The tables that have been read, if one of them contains itself; otherwise nil.
    var graph: LuaGraph? {
        refusal.map { LuaGraph(tables: tables.compactMap(\.self), refusal: $0, size: size) }
    }

    mutating func part(at index: Int) throws(LuaRaise) -> LuaGraph.Part { try part(at: index, step: .whole) }

    /// Reads the value at a position.
    ///
    /// The step leads to it from the table that contains it.
    private mutating func part(at index: Int, step: Step) throws(LuaRaise) -> LuaGraph.Part {
        let type = stack.type(at: index)
        guard type == .table else {
            let value = try stack.scalar(type, at: index, &room)
            size += value.size
            return .scalar(value)
        }
        try room.take()
        let identity = stack.tableIdentity(at: index)
        if let number = numbers[identity] {
            note(number, at: step)
            return .table(number)
        }
        let number = tables.count
        numbers[identity] = number
        tables.append(nil)
        size += 32
        open.append((number, step))
        tables[number] = try table(at: index)
        open.removeLast()
        return .table(number)
    }

    private mutating func table(at index: Int) throws(LuaRaise) -> LuaGraph.Table {
        let top = stack.count
        defer { stack.setCount(top) }
        let table = try stack.enterTable(at: index, depth: open.count - 1)
        let length = stack.length(at: table)
        if length > 0 {
            var parts: [LuaGraph.Part] = []
            for number in 1...length {
                stack.pushElement(number, at: table)
                parts.append(try part(at: -1, step: .element(number)))
                stack.pop()
            }
            return .list(parts)
        }
        var pairs: [(String, LuaGraph.Part)] = []
        stack.pushNil()
        while stack.next(at: table) {
            stack.pushText(at: -2)
            let key = stack.string(at: -1) ?? ""
            stack.pop()
            try room.take(bytes: key.utf8.count)
            size += 32 + key.utf8.count
            let part = try part(at: -1, step: .field(key))
            stack.pop()
            if case .scalar(.null) = part { continue }
            pairs.append((key, part))
        }
        return .map(pairs)
    }

    /// Notes the first place at which a table contains itself.
    private mutating func note(_ number: Int, at step: Step) {
        guard refusal == nil, let first = open.firstIndex(where: { $0.number == number }) else { return }
        let steps = open.map(\.step)
        let outer = first == 0 ? "the value" : "'\(Self.place(steps[...first]))'"
        let place = Self.place(steps + [step])
        refusal = "the value contains itself: '\(place)' is \(outer) again"
    }

    private static func place(_ steps: some Sequence<Step>) -> String {
        var place = ""
        for step in steps {
            switch step {
            case .whole: continue
            case .element(let number): place += "[\(number)]"
            case .field(let name): place += place.isEmpty ? name : ".\(name)"
            }
        }
        return place
    }
}
