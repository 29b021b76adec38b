public import LuaEngine
import WippyRuntime
public import WippyValues

/// A copy of a script's value, for another script or for Swift code.
///
/// A table that contains itself can only go to another script.
public struct LuaCopy: Sendable {
    private enum Content {
        case tree(Value)
        indirect case graph(LuaGraph)
    }

    private let content: Content

    /// Creates a copy from a value.
    public init(_ value: Value) {
        content = .tree(value)
    }

    fileprivate init(_ graph: LuaGraph) {
        content = .graph(graph)
    }

    /// The value for code that is not a script.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when a table of the value contains itself.
    public var value: Value {
        get throws(WippyError) {
            switch content {
            case .tree(let value): return value
            case .graph(let graph): throw WippyError(.invalid, graph.refusal)
            }
        }
    }

    /// The approximate number of bytes of memory that the value takes.
    public var size: Int {
        switch content {
        case .tree(let value): value.size
        case .graph(let graph): graph.size
        }
    }

    fileprivate func push(onto stack: LuaStack) throws(LuaRaise) {
        switch content {
        case .tree(let value): try stack.push(value)
        case .graph(let graph): try stack.push(graph)
        }
    }
}

extension LuaStack {
    /// Pushes the value of a copy.
    ///
    /// - Throws: the errors of `push(_:)` for a `Value`.
    public func push(_ copy: LuaCopy) throws(LuaRaise) { try copy.push(onto: self) }

    /// Returns copies of the values from a position on, each made by ``copy(at:)``.
    ///
    /// - Parameter first: the position of the first value. Without a value there, the result is empty.
    /// - Throws: the errors of ``copy(at:)``.
    public func copies(from first: Int) throws(LuaRaise) -> [LuaCopy] {
        var copies: [LuaCopy] = []
        if first <= count { copies.reserveCapacity(count - first + 1) }
        for index in stride(from: first, through: count, by: 1) { copies.append(try copy(at: index)) }
        return copies
    }

    /// Returns a copy of the value at a position, by the same rules as ``dataValue(at:)``.
    ///
    /// But a table may contain itself.
    ///
    /// - Throws: an error when the value is too large or too deep, or when the copy must stop; see `mustStop`.
    public func copy(at index: Int) throws(LuaRaise) -> LuaCopy {
        do {
            return LuaCopy(try tree(at: index))
        } catch {
            guard let graph = try cyclicGraph(at: index) else { throw error }
            return LuaCopy(graph)
        }
    }
}
