import LuaEngine
import WippyRuntime
import WippyValues

/// A copy of a script's value for another state.
///
/// Almost every value is a tree. A value with a table that contains itself is a graph. Only another script can take a
/// graph.
enum LuaCopy: Sendable {
    case tree(Value)
    indirect case graph(LuaGraph)

    /// The value for code that is not a script.
    ///
    /// - Throws: ``WippyError`` of kind `Invalid` when a table of the value contains itself.
    var value: Value {
        get throws(WippyError) {
            switch self {
            case .tree(let value): return value
            case .graph(let graph): throw WippyError(.invalid, graph.refusal)
            }
        }
    }

    /// The approximate number of bytes of memory that the value takes.
    var size: Int {
        switch self {
        case .tree(let value): value.size
        case .graph(let graph): graph.size
        }
    }
}

extension LuaStack {
    /// Pushes a copy that another state has made.
    func push(_ copy: LuaCopy) throws(LuaRaise) {
        switch copy {
        case .tree(let value): try push(value)
        case .graph(let graph): try push(graph)
        }
    }

    /// Returns copies of the values from an index on, each made by ``copy(at:)``.
    func copies(from first: Int) throws(LuaRaise) -> [LuaCopy] {
        var copies: [LuaCopy] = []
        if first <= count { copies.reserveCapacity(count - first + 1) }
        for index in stride(from: first, through: count, by: 1) { copies.append(try copy(at: index)) }
        return copies
    }

    /// Returns a copy of the value at a position, for another state.
    func copy(at index: Int) throws(LuaRaise) -> LuaCopy {
        do {
            return .tree(try tree(at: index))
        } catch {
            guard let graph = try cyclicGraph(at: index) else { throw error }
            return .graph(graph)
        }
    }
}
