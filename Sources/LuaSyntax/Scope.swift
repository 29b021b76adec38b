/// The variables that a place of a script sees.
struct Scope {
    /// What is known about a local variable.
    private struct Variable {
        /// How a module's function or value is written, when that is what the variable holds.
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

    /// What a local variable holds, if that is something of a module.
    func path(of name: Int) -> String? { variables[name].last?.path }
}
