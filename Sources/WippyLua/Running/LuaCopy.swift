import LuaEngine
import WippyRuntime
import WippyValues

/// A script's value on its way to another state.
///
/// Almost every value is a tree. One whose tables hold themselves is a graph, which only another script can take.
enum LuaCopy: Sendable {
    case tree(Value)
    indirect case graph(LuaGraph)

    /// The value for others than scripts.
    ///
    /// - Throws: ``WippyError`` of kind `Invalid` if it is within itself.
    var value: Value {
        get throws(WippyError) {
            switch self {
            case .tree(let value): return value
            case .graph(let graph): throw WippyError(.invalid, graph.refusal)
            }
        }
    }

    /// How many bytes of memory the value takes, roughly.
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

    /// The values from an index on, each as ``copy(at:)`` gives it.
    func copies(from first: Int) throws(LuaRaise) -> [LuaCopy] {
        var copies: [LuaCopy] = []
        if first <= count { copies.reserveCapacity(count - first + 1) }
        for index in stride(from: first, through: count, by: 1) { copies.append(try copy(at: index)) }
        return copies
    }

    /// A copy of the value at a position for another state.
    func copy(at index: Int) throws(LuaRaise) -> LuaCopy {
        do {
            return .tree(try tree(at: index))
        } catch {
            guard let graph = try cyclicGraph(at: index) else { throw error }
            return .graph(graph)
        }
    }
}
