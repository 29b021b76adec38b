/// The variables that are visible at a place of a script.
struct Scope {
    /// The known facts about a local variable.
    private struct Variable {
        /// The path of the module's function or value that the variable holds; nil if it holds another value.
        let path: String?
    }

    private var variables: [[Variable]]
    private var declared: [Int] = []
    private var blocks: [Int] = []

    init(nameCount: Int) {
        variables = Array(repeating: [], count: nameCount)
    }

    mutating func enterBlock() { blocks.append(declared.count) }

    mutating func leaveBlock() {
        let count = blocks.popLast() ?? 0
        while declared.count > count { variables[declared.removeLast()].removeLast() }
    }

    mutating func declare(_ name: Int, path: String? = nil) {
        variables[name].append(Variable(path: path))
        declared.append(name)
    }

    func isLocal(_ name: Int) -> Bool { !variables[name].isEmpty }

    /// The path of the module's function or value that a local variable holds; nil if it holds another value.
    func path(of name: Int) -> String? { variables[name].last?.path }
}
