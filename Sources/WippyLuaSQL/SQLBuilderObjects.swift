import LuaEngine
import WippyLua
import WippyRuntime
import WippySQL
import WippyValues

/// `sql.builder`: builds statements.
///
/// Each step returns a new builder.
enum SQLBuilderObjects {
    static let members: [LuaMember] =
        [
            .function("select") { stack in push(SelectRows(columns: try stack.pieces(from: 1)), on: stack) },
            .function("insert") { stack in push(InsertRows(into: try stack.optionalPiece(at: 1)), on: stack) },
            .function("update") { stack in push(UpdateRows(try stack.optionalPiece(at: 1)), on: stack) },
            .function("delete") { stack in push(DeleteRows(from: try stack.optionalPiece(at: 1)), on: stack) },
            .function("expr") { stack in
                stack.give(ScriptExpression(.sql(try stack.piece(at: 1))), as: ScriptExpression.type)
            },
            ofTable("eq") { .equal($0) }, ofTable("not_eq") { .notEqual($0) },
            ofTable("lt") { .each($0, .less) }, ofTable("lte") { .each($0, .lessOrEqual) },
            ofTable("gt") { .each($0, .greater) }, ofTable("gte") { .each($0, .greaterOrEqual) },
            ofTable("like") { .each($0, .like) }, ofTable("not_like") { .each($0, .notLike) },
            ofList("and_") { .and($0) }, ofList("or_") { .or($0) },
        ]
        + ScriptParameterStyle.allCases.map { .value($0.rawValue, .string($0.rawValue)) } + [
            .value("default_placeholder", .string(ScriptParameterStyle.question.rawValue))
        ]

    private static func push<Builder: ScriptBuilding>(_ builder: Builder, on stack: LuaStack) -> LuaVerdict {
        stack.give(ScriptBuilder(builder, parameterStyle: nil), as: Builder.scriptType)
    }

    private static func ofTable(
        _ name: String, _ make: @escaping @Sendable ([(column: SQL, value: Value)]) -> Condition
    ) -> LuaMember {
        .function(name) { stack in
            try stack.check(.table, at: 1)
            let pairs = stack.columnPairs(at: 1) { stack.sqlValue(at: $0) }
            return stack.give(ScriptExpression(.condition(make(pairs.map { ($0, $1) }))), as: ScriptExpression.type)
        }
    }

    private static func ofList(
        _ name: String, _ make: @escaping @Sendable ([Condition]) -> Condition
    ) -> LuaMember {
        .function(name) { stack in
            try stack.check(.table, at: 1)
            var conditions: [Condition] = []
            for number in 0..<stack.length(at: 1) {
                stack.pushElement(number + 1, at: 1)
                conditions.append(try stack.condition(at: stack.count))
                stack.pop()
            }
            return stack.give(ScriptExpression(.condition(make(conditions))), as: ScriptExpression.type)
        }
    }

    static let select: LuaObjectType<ScriptBuilder<SelectRows>> = type(
        "sql.SelectBuilder",
        [
            "columns": step { $1.columns(try $0.pieces(from: 2)) },
            "distinct": step { $1.distinct() },
            "from": step { $1.from(try $0.plainPiece(at: 2)) },
            "join": step { $1.join(try $0.piece(at: 2)) },
            "inner_join": step { $1.innerJoin(try $0.piece(at: 2)) },
            "left_join": step { $1.leftJoin(try $0.piece(at: 2)) },
            "right_join": step { $1.rightJoin(try $0.piece(at: 2)) },
            "where": step { $1.where(try $0.condition(at: 2)) },
            "group_by": step { $1.groupBy(try $0.pieces(from: 2)) },
            "having": step { $1.having(try $0.condition(at: 2)) },
            "order_by": step { $1.orderBy(try $0.pieces(from: 2)) },
            "limit": step { $1.limit(try $0.checkInteger(at: 2)) },
            "offset": step { $1.offset(try $0.checkInteger(at: 2)) },
            "suffix": step { $1.suffix(try $0.piece(at: 2)) },
        ])

    static let insert: LuaObjectType<ScriptBuilder<InsertRows>> = type(
        "sql.InsertBuilder",
        [
            "into": step { $1.into(try $0.plainPiece(at: 2)) },
            "columns": step { $1.columns(try $0.pieces(from: 2)) },
            "values": step { stack, insert in
                insert.values(terms: stack.count < 2 ? [] : (2...stack.count).map { stack.term(at: $0) })
            },
            "set_map": step { stack, insert in
                try stack.check(.table, at: 2)
                return insert.set(stack.columnPairs(at: 2) { stack.term(at: $0) }.map { ($0, $1) })
            },
            "select": step { $1.select(try $0.checkObject(at: 2, as: select).builder) },
            "prefix": step { $1.prefix(try $0.piece(at: 2)) },
            "options": step { $1.options(try $0.pieces(from: 2)) },
            "suffix": step { $1.suffix(try $0.piece(at: 2)) },
        ])

    static let update: LuaObjectType<ScriptBuilder<UpdateRows>> = type(
        "sql.UpdateBuilder",
        [
            "table": step { $1.table(try $0.plainPiece(at: 2)) },
            "set": step { stack, update in
                if stack.type(at: 3) == .userdata, !stack.isTerm(at: 3) {
                    throw LuaRaise.argument(3, "the value cannot be set")
                }
                return update.set(try stack.plainPiece(at: 2), stack.term(at: 3))
            },
            "set_map": step { stack, update in
                try stack.check(.table, at: 2)
                return update.set(stack.columnPairs(at: 2) { stack.term(at: $0) }.map { ($0, $1) })
            },
            "where": step { $1.where(try $0.condition(at: 2)) },
            "order_by": step { $1.orderBy(try $0.pieces(from: 2)) },
            "limit": step { $1.limit(try $0.checkInteger(at: 2)) },
            "offset": step { $1.offset(try $0.checkInteger(at: 2)) },
            "suffix": step { $1.suffix(try $0.piece(at: 2)) },
            "from": step { $1.from(try $0.plainPiece(at: 2)) },
            "from_select": step {
                $1.from(try $0.checkObject(at: 2, as: select).builder, as: try $0.plainPiece(at: 3))
            },
        ])

    static let delete: LuaObjectType<ScriptBuilder<DeleteRows>> = type(
        "sql.DeleteBuilder",
        [
            "from": step { $1.from(try $0.plainPiece(at: 2)) },
            "where": step { $1.where(try $0.condition(at: 2)) },
            "order_by": step { $1.orderBy(try $0.pieces(from: 2)) },
            "limit": step { $1.limit(try $0.checkInteger(at: 2)) },
            "offset": step { $1.offset(try $0.checkInteger(at: 2)) },
            "suffix": step { $1.suffix(try $0.piece(at: 2)) },
        ])
}

// The methods that all builders have.
extension SQLBuilderObjects {
    private typealias Method<Builder: ScriptBuilding> = LuaMethod<ScriptBuilder<Builder>>.Body

    /// The type of a builder's objects, with the builder's own methods and those of all builders.
    private static func type<Builder: ScriptBuilding>(
        _ name: String, _ methods: KeyValuePairs<String, Method<Builder>>
    ) -> LuaObjectType<ScriptBuilder<Builder>> {
        let ofAll: [LuaMethod<ScriptBuilder<Builder>>] = [
            .method("placeholder_format", placeholderFormat()), .method("to_sql", toSQL()),
            .method("run_with", runWith()),
        ]
        return LuaObjectType(
            name, methods: methods.map { name, body in LuaMethod.method(name, body) } + ofAll, text: { $0.text },
            keepsArguments: true)
    }

    /// A method that returns a new builder.
    private static func step<Builder: ScriptBuilding>(
        _ change: @escaping @Sendable (LuaStack, Builder) throws -> Builder
    ) -> Method<Builder> {
        { stack, object in
            let builder = try change(stack, object.builder)
            return stack.give(ScriptBuilder(builder, parameterStyle: object.parameterStyle), as: Builder.scriptType)
        }
    }

    private static func placeholderFormat<Builder: ScriptBuilding>() -> Method<Builder> {
        { stack, object in
            guard let parameterStyle = ScriptParameterStyle(rawValue: try stack.checkString(at: 2)) else {
                throw LuaRaise.argument(2, "a placeholder format is expected")
            }
            return stack.give(ScriptBuilder(object.builder, parameterStyle: parameterStyle), as: Builder.scriptType)
        }
    }

    private static func toSQL<Builder: ScriptBuilding>() -> Method<Builder> {
        { stack, object in
            do {
                return stack.give(try object.statement(for: nil))
            } catch {
                return stack.fail(LuaError(of: error))
            }
        }
    }

    private static func runWith<Builder: ScriptBuilding>() -> Method<Builder> {
        { stack, object in
            let owner: any StatementRunner
            if let database = stack.object(at: 2, as: ScriptDatabase.type) {
                owner = database
            } else {
                owner = try stack.checkObject(at: 2, as: ScriptTransaction.type)
            }
            do {
                let statement = try object.statement(for: try owner.executor())
                return stack.succeed(ScriptQuery(statement, of: owner), as: ScriptQuery.type)
            } catch {
                return stack.fail(LuaError(of: error))
            }
        }
    }
}

/// The style of parameters that a script chooses.
enum ScriptParameterStyle: String, CaseIterable {
    case question, dollar, at, colon

    var style: SQLParameterStyle {
        switch self {
        case .question: .question
        case .dollar: .dollar
        case .at: .numbered(after: "@p")
        case .colon: .numbered(after: ":")
        }
    }
}

/// A builder that scripts can use.
protocol ScriptBuilding: SQLBuilder {
    static var scriptType: LuaObjectType<ScriptBuilder<Self>> { get }
}

extension SelectRows: ScriptBuilding {
    static var scriptType: LuaObjectType<ScriptBuilder<SelectRows>> { SQLBuilderObjects.select }
}

extension InsertRows: ScriptBuilding {
    static var scriptType: LuaObjectType<ScriptBuilder<InsertRows>> { SQLBuilderObjects.insert }
}

extension UpdateRows: ScriptBuilding {
    static var scriptType: LuaObjectType<ScriptBuilder<UpdateRows>> { SQLBuilderObjects.update }
}

extension DeleteRows: ScriptBuilding {
    static var scriptType: LuaObjectType<ScriptBuilder<DeleteRows>> { SQLBuilderObjects.delete }
}

/// A builder, for scripts.
final class ScriptBuilder<Builder: ScriptBuilding>: Sendable {
    let builder: Builder
    let parameterStyle: ScriptParameterStyle?

    init(_ builder: Builder, parameterStyle: ScriptParameterStyle?) {
        self.builder = builder
        self.parameterStyle = parameterStyle
    }

    /// The statement's text; the error's text if the statement is not complete.
    var text: String {
        do {
            return try statement(for: nil).text
        } catch {
            return FailureReason.text(of: error)
        }
    }

    /// Returns the statement with the parameters that the script has chosen, or else with the database's
    /// parameters.
    func statement(for executor: (any SQLExecutor)?) throws -> SQLStatement {
        let plain = try builder.plainStatement()
        let style = parameterStyle?.style ?? executor?.parameterStyle ?? .question
        return SQLStatement(style.text(marked: plain.text), plain.arguments)
    }
}

/// An expression, for scripts.
final class ScriptExpression: Sendable {
    enum Content: Sendable {
        case sql(SQL)
        case condition(Condition)
    }

    let content: Content

    init(_ content: Content) {
        self.content = content
    }

    var condition: Condition {
        switch content {
        case .sql(let sql): Condition(sql)
        case .condition(let condition): condition
        }
    }

    var term: SQLTerm {
        switch content {
        case .sql(let sql): .sql(sql)
        case .condition(let condition): .condition(condition)
        }
    }

    static let type: LuaObjectType<ScriptExpression> = LuaObjectType(
        "sql.Expression",
        methods: [
            "to_sql": { stack, expression in
                do {
                    return stack.give(try expression.condition.plainStatement())
                } catch {
                    return stack.fail(LuaError(of: error))
                }
            }
        ],
        text: { expression in
            do {
                return try expression.condition.plainStatement().text
            } catch {
                return FailureReason.text(of: error)
            }
        }, keepsArguments: true)
}

/// A statement that is ready to run, as `run_with` returns it.
final class ScriptQuery {
    private let statement: SQLStatement
    private let owner: any StatementRunner

    init(_ statement: SQLStatement, of owner: any StatementRunner) {
        self.statement = statement
        self.owner = owner
    }

    private func run(_ stack: LuaStack, _ body: (any SQLExecutor, SQLStatement) -> LuaVerdict) -> LuaVerdict {
        do throws(LuaError) {
            return body(try owner.executor(), statement)
        } catch {
            return stack.fail(error)
        }
    }

    static let type: LuaObjectType<ScriptQuery> = LuaObjectType(
        "sql.QueryExecutor",
        methods: [
            "query": { stack, query in query.run(stack) { stack.query($0, $1) } },
            "exec": { stack, query in query.run(stack) { stack.execute($0, $1) } },
            "to_sql": { stack, query in stack.give(query.statement) },
        ], keepsArguments: true)
}

extension LuaStack {
    /// Returns a statement's text and the list of its arguments.
    ///
    /// NULL becomes `sql.NULL`.
    fileprivate func give(_ statement: SQLStatement) -> LuaVerdict {
        push(statement.text)
        pushTable(elements: statement.arguments.count)
        for (index, argument) in statement.arguments.enumerated() {
            if !pushScalar(argument) { push(SQLValueObject.null, as: SQLValueObject.type) }
            setElement(index + 1, at: -2)
        }
        return .results(2)
    }

    /// Returns SQL with a text, and with the values after the text as its arguments.
    fileprivate func piece(at index: Int) throws(LuaRaise) -> SQL {
        let text = try checkString(at: index)
        guard count > index else { return SQL(trusting: text) }
        return SQL(trusting: text, (index + 1...count).map { type(at: $0) == .table ? .null : sqlValue(at: $0) })
    }

    /// Returns SQL with a text and no arguments.
    fileprivate func plainPiece(at index: Int) throws(LuaRaise) -> SQL { SQL(trusting: try checkString(at: index)) }

    fileprivate func optionalPiece(at index: Int) throws(LuaRaise) -> SQL? {
        isNil(at: index) ? nil : try plainPiece(at: index)
    }

    /// Returns SQL for each text, from a position on.
    fileprivate func pieces(from index: Int) throws(LuaRaise) -> [SQL] {
        var pieces: [SQL] = []
        for position in index..<max(count + 1, index) { pieces.append(try plainPiece(at: position)) }
        return pieces
    }

    /// Returns a condition from an expression, from a table of columns and values, or from a text and the arguments
    /// after it.
    fileprivate func condition(at index: Int) throws(LuaRaise) -> Condition {
        if let expression = object(at: index, as: ScriptExpression.type) { return expression.condition }
        if type(at: index) == .table {
            return .equal(columnPairs(at: index) { sqlValue(at: $0) }.map { ($0, $1) })
        }
        return Condition(try piece(at: index))
    }

    /// True if a Swift object can be a value of a statement.
    fileprivate func isTerm(at index: Int) -> Bool {
        object(at: index, as: SQLValueObject.type) != nil || object(at: index, as: ScriptExpression.type) != nil
            || object(at: index, as: SQLBuilderObjects.select) != nil
    }

    /// Returns the value at a position as a term of a statement.
    ///
    /// A table becomes NULL.
    fileprivate func term(at index: Int) -> SQLTerm {
        if let expression = object(at: index, as: ScriptExpression.type) { return expression.term }
        if let query = object(at: index, as: SQLBuilderObjects.select) { return .select(query.builder) }
        return .value(type(at: index) == .table ? .null : sqlValue(at: index))
    }

    /// Returns the columns of a table, each with the result of `read` for the position of its value.
    ///
    /// Only keys that are texts are columns.
    fileprivate func columnPairs<Read>(at index: Int, _ read: (Int) -> Read) -> [(SQL, Read)] {
        var pairs: [(SQL, Read)] = []
        forEachPair(at: index) {
            guard type(at: -2) == .string, let name = string(at: -2) else { return }
            pairs.append((SQL(trusting: name), read(count)))
        }
        return pairs
    }
}
