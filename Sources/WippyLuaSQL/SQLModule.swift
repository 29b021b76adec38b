import LuaEngine
import WippyDefinition
import WippyLua
import WippyRuntime
import WippySQL
import WippyText
import WippyValues

extension ScriptModule {
    /// `sql`: databases, transactions and builders of statements.
    static let sql = ScriptModule(
        "sql",
        [
            .function("get", traits: [.id(of: .database)]) { stack in
                let id = try stack.checkString(at: 1)
                guard !id.isEmpty else { return stack.fail(.invalid("the database's id is empty")) }
                do {
                    return stack.succeed(ScriptDatabase(try stack.link(to: id, as: .database)), as: ScriptDatabase.type)
                } catch let error as LuaError {
                    return stack.fail(error)
                }
            },
            .object("NULL") { $0.push(SQLValueObject.null, as: SQLValueObject.type) },
            .table(
                "type",
                [
                    .value("POSTGRES", "postgres"), .value("MYSQL", "mysql"), .value("SQLITE", "sqlite"),
                    .value("UNKNOWN", "unknown"),
                ]),
            .table(
                "isolation",
                ScriptIsolation.allCases.map { .value($0.rawValue.uppercasedASCII, .string($0.rawValue)) }),
            .table("as", conversions),
            .table("builder", SQLBuilderObjects.members),
        ])

    /// `sql.as`: converts values to a type.
    ///
    /// A value that cannot be converted becomes the zero of the type.
    private static let conversions: [LuaMember] = [
        conversion("int") { stack in
            .integer(stack.integer(at: 1) ?? stack.string(at: 1).flatMap { Int($0) } ?? (stack.isTrue(at: 1) ? 1 : 0))
        },
        conversion("float") { stack in
            .float(stack.number(at: 1) ?? stack.string(at: 1).flatMap { Double($0) } ?? 0)
        },
        conversion("text") { stack in
            switch stack.type(at: 1) {
            case .string, .number, .boolean:
                stack.pushText(at: 1)
                return .string(stack.string(at: -1) ?? "")
            default: return .string("")
            }
        },
        conversion("binary") { stack in .bytes(stack.bytes(at: 1) ?? []) },
        conversion("null") { _ in .null },
    ]

    private static func conversion(_ name: String, _ convert: @escaping @Sendable (LuaStack) -> Value) -> LuaMember {
        .function(name) { stack in
            stack.setCount(1)
            return stack.give(SQLValueObject(convert(stack)), as: SQLValueObject.type)
        }
    }
}

/// An argument of a statement, with the type that the script has chosen.
final class SQLValueObject: Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    /// `sql.NULL`, which is always the same object.
    static let null = SQLValueObject(.null)

    static let type = LuaObjectType<SQLValueObject>("sql.Value", keepsIdentity: true)
}

extension LuaStack {
    /// Returns the value at a position as an argument of a statement.
    ///
    /// A string that is not UTF-8 becomes bytes. A value of a type that databases do not have becomes NULL. A list
    /// stands for its elements in conditions.
    func sqlValue(at index: Int) -> Value {
        switch type(at: index) {
        case .boolean: return .bool(isTrue(at: index))
        case .number: return isInteger(at: index) ? .integer(integer(at: index) ?? 0) : .float(number(at: index) ?? 0)
        case .string: return textOrBytes(at: index)
        case .userdata: return object(at: index, as: SQLValueObject.type)?.value ?? .null
        case .table:
            let length = length(at: index)
            guard length > 0, length <= Self.maxSqlArguments else { return .null }
            return .list(
                (1...length).map { number in
                    pushElement(number, at: index)
                    defer { pop() }
                    return type(at: -1) == .table ? .null : sqlValue(at: -1)
                })
        default: return .null
        }
    }

    /// The largest number of arguments.
    ///
    /// No database takes as many.
    private static let maxSqlArguments = 100_000

    /// Returns the arguments of a statement, from a table or nil.
    ///
    /// Gaps become NULL.
    func sqlArguments(at index: Int) throws(LuaError) -> [Value] {
        if isNil(at: index) { return [] }
        guard type(at: index) == .table else {
            throw .invalid("parameters must be a table, got \(typeName(at: index))")
        }
        var last = length(at: index)
        forEachPair(at: index) {
            if isInteger(at: -2), let number = integer(at: -2) { last = max(last, number) }
        }
        guard last <= Self.maxSqlArguments else {
            throw .invalid("there are more than \(Self.maxSqlArguments) parameters")
        }
        var values: [Value] = []
        values.reserveCapacity(last)
        for number in 0..<last {
            pushElement(number + 1, at: index)
            values.append(type(at: -1) == .table ? .null : sqlValue(at: -1))
            pop()
        }
        return values
    }

    /// Pushes a list of rows.
    ///
    /// Each row is a table by column names. A NULL cell has no field.
    func push(_ rows: SQLPackedRows) throws(LuaRaise) {
        let columnCount = rows.columns.count
        try reserve(columnCount + 8)
        let first = count + 1
        for column in rows.columns { push(column) }
        pushTable(elements: rows.count)
        let list = count
        let (cells, bytes) = (rows.cells.span, rows.bytes.span)
        var cell = 0
        for row in 0..<rows.count {
            if row & 0x7f == 0x7f, mustStop { throw LuaRaise("the reading of rows has been stopped") }
            pushTable(fields: columnCount)
            for column in 0..<columnCount {
                pushCopy(of: first + column)
                // If several columns have the same name, the last one counts, even if it is NULL.
                switch cells[cell] {
                case .null: pushNil()
                case .bool(let value): push(value)
                case .integer(let value): push(value)
                case .float(let value): push(value)
                case .text(let place), .bytes(let place): push(bytes.extracting(place))
                }
                setPair(at: list + 1)
                cell += 1
            }
            setElement(row + 1, at: list)
        }
    }
}
