/// Compiles a parsed pattern to instructions.
struct RegularExpressionCompiler {
    private(set) var program: [RegularExpression.Instruction] = []

    /// The largest number of instructions.
    ///
    /// Each repetition has instructions of its own.
    private static let maxSize = 20_000

    mutating func compile(_ node: RegularExpressionNode) throws(RegularExpression.SyntaxError) {
        guard program.count < Self.maxSize else { throw .init(problem: "expression too large") }
        switch node {
        case .empty: break
        case .characters(let set): program.append(.character(set))
        case .assertion(let assertion): program.append(.require(assertion))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .group(let node, let index):
            program.append(.save(2 * index))
            try compile(node)
            program.append(.save(2 * index + 1))
        case .choice(let nodes): try compileChoice(nodes)
        case .repetition(let node, let least, let most, let isGreedy):
            for _ in 0..<least { try compile(node) }
            guard let most else { return try compileLoop(node, isGreedy: isGreedy) }
            var splits: [Int] = []
            for _ in least..<max(most, least) {
                splits.append(program.count)
                program.append(.jump(0))
                try compile(node)
            }
            for place in splits { program[place] = split(place + 1, program.count, isGreedy) }
        }
    }

    private func split(_ more: Int, _ done: Int, _ isGreedy: Bool) -> RegularExpression.Instruction {
        isGreedy ? .split(more, done) : .split(done, more)
    }

    private mutating func compileLoop(
        _ node: RegularExpressionNode, isGreedy: Bool
    ) throws(RegularExpression.SyntaxError) {
        let start = program.count
        program.append(.jump(0))
        try compile(node)
        program.append(.jump(start))
        program[start] = split(start + 1, program.count, isGreedy)
    }

    private mutating func compileChoice(_ nodes: [RegularExpressionNode]) throws(RegularExpression.SyntaxError) {
        var ends: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                try compile(node)
                break
            }
            let start = program.count
            program.append(.jump(0))
            try compile(node)
            ends.append(program.count)
            program.append(.jump(0))
            program[start] = .split(start + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }
}

/// A node of a parsed pattern.
indirect enum RegularExpressionNode {
    case empty
    case characters(RegularExpression.CharacterSet)
    case assertion(RegularExpression.Assertion)
    case sequence([RegularExpressionNode])
    case choice([RegularExpressionNode])
    case repetition(RegularExpressionNode, least: Int, most: Int?, isGreedy: Bool)
    case group(RegularExpressionNode, index: Int)
}
