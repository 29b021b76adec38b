import WippyText

/// The variables and labels that are visible at a place of a script.
struct Scope {
    /// The kind of a block, which decides where `break` and `goto` lead.
    enum BlockKind {
        case plain, loop, function
    }

    /// The known facts about a local variable.
    struct Variable {
        /// The path of the module's function or value that the variable holds; nil if it holds another value.
        var path: String?

        /// The number of the table that the variable holds, among ``Parser/tables``; nil if it holds another value.
        var table: Int?

        /// True if the variable is declared with a function.
        var isFunction = false

        /// True if the variable is declared with `<const>`.
        var isConstant = false
    }

    /// A `goto` whose label has not been found yet.
    private struct Jump {
        let label: ExactText
        let offset: Int
        /// The number of variables before it that its label can see, too.
        var variables: Int
    }

    /// A `goto` that cannot reach its label.
    struct FailedJump {
        let label: ExactText
        let offset: Int
        /// The name of the variable into whose scope it leads; nil if there is no such label.
        let variable: Int?
    }

    private struct Label {
        let offset: Int
        let variables: Int
    }

    private struct Block {
        let kind: BlockKind
        let declaredBefore: Int
        /// True if the block is a function with `...`.
        var isVariadic = false
        var labels: [ExactText: Label] = [:]
        var jumps: [Jump] = []
    }

    private var variables: [[Variable]]
    private var declared: [Int] = []
    private var blocks: [Block] = []

    init(nameCount: Int) {
        variables = Array(repeating: [], count: nameCount)
    }

    mutating func enterBlock(_ kind: BlockKind = .plain) {
        blocks.append(Block(kind: kind, declaredBefore: declared.count))
    }

    /// Leaves the innermost block.
    ///
    /// - Returns: the jumps that cannot reach their labels.
    mutating func leaveBlock() -> [FailedJump] {
        guard let block = blocks.popLast() else { return [] }
        var failed: [FailedJump] = []
        for var jump in block.jumps {
            if let label = block.labels[jump.label] {
                guard jump.offset < label.offset, jump.variables < label.variables else { continue }
                let variable = declared[jump.variables]
                failed.append(FailedJump(label: jump.label, offset: jump.offset, variable: variable))
            } else if block.kind == .function {
                failed.append(FailedJump(label: jump.label, offset: jump.offset, variable: nil))
            } else {
                jump.variables = min(jump.variables, block.declaredBefore)
                blocks[blocks.count - 1].jumps.append(jump)
            }
        }
        while declared.count > block.declaredBefore { variables[declared.removeLast()].removeLast() }
        return failed
    }

    mutating func declare(_ name: Int, _ variable: Variable = Variable()) {
        variables[name].append(variable)
        declared.append(name)
    }

    /// Returns the known facts about a local variable; nil if no local variable has the name.
    subscript(name: Int) -> Variable? { variables[name].last }

    /// True if a `break` leaves a loop.
    var isInLoop: Bool { blocks.last { $0.kind != .plain }?.kind == .loop }

    /// The function around the current place has `...`.
    mutating func declareVariadic() { blocks[blocks.count - 1].isVariadic = true }

    /// True if the function around the current place has `...`.
    var isVariadic: Bool { blocks.last { $0.kind == .function }?.isVariadic ?? false }

    /// Declares a label.
    ///
    /// - Parameter isLast: true if nothing follows in the block. Then the variables of the block do not count.
    /// - Returns: false if the function has a visible label with this name already.
    mutating func declare(label: ExactText, at offset: Int, isLast: Bool) -> Bool {
        let block = blocks.count - 1
        let variables = isLast ? blocks[block].declaredBefore : declared.count
        let ofFunction = blocks.indices.reversed().prefix { $0 == block || blocks[$0 + 1].kind != .function }
        if ofFunction.contains(where: { blocks[$0].labels[label] != nil }) { return false }
        blocks[block].labels[label] = Label(offset: offset, variables: variables)
        return true
    }

    mutating func noteJump(to label: ExactText, at offset: Int) {
        blocks[blocks.count - 1].jumps.append(Jump(label: label, offset: offset, variables: declared.count))
    }
}
