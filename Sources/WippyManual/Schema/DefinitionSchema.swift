import WippyDefinition
public import WippyRuntime
import WippyText
public import WippyValues

/// The JSON Schema of a program's definition files, for editors and for programs that write such files.
///
/// It has the kinds and handlers of the program. It may accept a file that `lint` refuses, for example because two
/// fields contradict each other.
public struct DefinitionSchema: Sendable {
    private typealias Frame = DefinitionFrame

    private let kinds: [CatalogedKind]
    private let trees: [FieldTree]

    /// Creates the schema of a program.
    public init(of program: Program) {
        kinds = program.manual
        trees = kinds.map { FieldTree($0.unconditionalFields, of: $0.name) }
    }

    /// The schema, as JSON Schema 2020-12.
    public var value: Value {
        let definitions =
            zip(kinds, trees).map { ($0.name, Self.fields(of: $0, $1)) } + Self.lifecycles + sharedForms
            + trees.flatMap(\.defined).map { ($0.definition ?? "", Self.definition(of: $0)) }
        let namesOfOthers = Frame.ofFile.map(\.key).filter { $0 != Frame.meta.key }.map(\.string)
        let isFilled: Value = ["type": "array", "minItems": 1]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Definition file",
            "type": "object",
            "properties": Self.propertiesOfFile,
            "required": Self.names([Frame.namespace]),
            "if": Self.having(Frame.entries, isFilled),
            "else": [
                "if": ["anyOf": [["required": Self.names([Frame.name])], ["required": Self.names([Frame.kind])]]],
                "then": entry(amid: namesOfOthers),
                "else": ["required": Self.names([Frame.entries])],
            ],
            "allOf": .list(sharedMeta),
            "$defs": .schema([("entry", entry(amid: []))] + definitions),
        ]
    }

    private static var propertiesOfFile: Value {
        .schema(
            Frame.ofFile.filter { $0.help != nil }.map { field in
                property(field, field.key == Frame.entries.key ? [("items", ["$ref": "#/$defs/entry"])] : [])
            })
    }

    /// Returns the property of a field that does not depend on a kind.
    ///
    /// - Parameter keywords: the keywords that are known only here.
    private static func property(_ field: FrameField, _ keywords: [(String, Value)] = []) -> (String, Value) {
        var pairs: [(String, Value)] = field.help.map { [("description", .string($0))] } ?? []
        switch field.form {
        case .word: pairs += [("type", "string"), ("pattern", .string(SchemaPatterns.word))]
        case .wordWithoutColon: pairs += [("type", "string"), ("pattern", .string(SchemaPatterns.namespace))]
        case .map: pairs.append(("type", ["object", "null"]))
        case .list: pairs.append(("type", ["array", "null"]))
        case .anything: break
        }
        pairs += keywords
        if let usual = field.usual { pairs.append(("default", .string(usual))) }
        if !field.isOffered { pairs.append(("doNotSuggest", true)) }
        return (field.key.string, .schema(pairs))
    }

    /// The property of `kind`, whose values are the kinds of the program.
    private var kindProperty: (String, Value) {
        let pairs: [(String, Value)] = [
            ("description", .string(Frame.kind.help ?? "")),
            ("enum", .list(kinds.map { .string($0.name) })),
            ("enumDescriptions", .list(kinds.map { .string($0.summary) })),
        ]
        return (Frame.kind.key.string, .schema(pairs))
    }

    private static let meta = Frame.meta.key.string

    /// Returns the properties of a map that has one field.
    private static func properties(_ field: FrameField, _ value: Value) -> Value {
        .schema([(field.key.string, value)])
    }

    /// Returns the schema of a map that must have a field with a certain value.
    private static func having(_ field: FrameField, _ value: Value) -> Value {
        ["properties": properties(field, value), "required": names([field])]
    }

    private static func names(_ fields: [FrameField]) -> Value { .list(fields.map { .string($0.key.string) }) }

    /// The forms that many fields share.
    private var sharedForms: [(String, Value)] {
        (kinds.flatMap(\.fields) + LifecyclePolicy.descriptions).compactMap { field in
            FieldSchema.sharedName(of: field.form, isOptional: field.isOptional).map { name in
                (name, .schema(FieldSchema.value(of: field.form, isOptional: field.isOptional)))
            }
        }
    }

    /// Returns the schema of an entry.
    ///
    /// - Parameter others: the names of other fields that are allowed beside the entry's fields, in a file that is one
    ///   entry.
    private func entry(amid others: [String]) -> Value {
        let own = Frame.ofEntry.map(\.key.string)
        let cases = zip(kinds, trees).map { kind, tree -> Value in
            let fields: Value = ["$ref": .string("#/$defs/\(kind.name)")]
            let meta = tree[Self.meta].map { Self.object($0.tree, isOpen: true) } ?? [:]
            let closed = tree.without(Self.meta)
            return [
                "if": Self.having(Frame.kind, ["const": .string(kind.name)]),
                "then": [
                    "properties": Self.properties(Frame.meta, meta),
                    "if": ["required": Self.names([Frame.data])],
                    "then": ["properties": Self.properties(Frame.data, .schema(Self.closed(fields, closed, amid: [])))],
                    "else": .schema(Self.closed(fields, closed, amid: own + others)),
                ],
            ]
        }
        return [
            "type": "object",
            "properties": .schema([
                Self.property(Frame.name), kindProperty, Self.property(Frame.meta), Self.property(Frame.data),
            ]),
            "required": Self.names([Frame.name, Frame.kind]),
            "allOf": .list(cases),
        ]
    }

    /// The fields that a kind requires in `meta`, except those that the whole file has.
    private var sharedMeta: [Value] {
        let needs = zip(kinds, trees).flatMap { kind, tree in
            (tree[Self.meta]?.tree.branches ?? []).filter { $0.field?.presence == .required }
                .map { (kind: kind.name, field: $0.name) }
        }
        let byField = Dictionary(grouping: needs) { ExactText($0.field) }.sorted { $0.key < $1.key }
        return byField.map { field, needs in
            let names = [field.string, FieldReader.variableField(of: field.string)]
            let has: Value = [
                "required": Self.names([Frame.meta]),
                "properties": Self.properties(Frame.meta, ["anyOf": .list(names.map { ["required": [.string($0)]] })]),
            ]
            let rule: Value = [
                "if": Self.having(Frame.kind, ["enum": .list(needs.map { .string($0.kind) })]), "then": has,
            ]
            return [
                "if": ["not": has],
                "then": ["properties": Self.properties(Frame.entries, ["items": rule])],
                "allOf": [rule],
            ]
        }
    }
}

/// The schemas of maps of fields.
extension DefinitionSchema {
    /// Returns the fields of a kind, independent of where they are written.
    private static func fields(of kind: CatalogedKind, _ tree: FieldTree) -> Value {
        let own = object(tree.without(meta).without(LifecyclePolicy.block), isOpen: true)
        let unused = tree[LifecyclePolicy.block]?.field.map(notice(of:))
        let name = unused == nil ? LifecyclePolicy.block : unusedLifecycle
        let lifecycle = Value.schema((unused ?? []) + [("$ref", .string("#/$defs/\(name)"))])
        let cases = kind.conditions.map { condition -> Value in
            let fields = FieldTree(kind.fields.filter { $0.condition == condition })
            let value: Value = ["const": .string(condition.value)]
            return [
                "if": [
                    "properties": .schema([(condition.field, value)]),
                    "required": [.string(condition.field)],
                ],
                "then": object(fields, isOpen: true),
            ]
        }
        return [
            "description": .string(kind.summary),
            "allOf": .list([own, ["properties": .schema([(LifecyclePolicy.block, lifecycle)])]] + cases),
        ]
    }

    /// The schemas of the `lifecycle` block: for services, and for entries that are not services.
    private static var lifecycles: [(String, Value)] {
        guard let block = FieldTree(LifecyclePolicy.descriptions)[LifecyclePolicy.block] else { return [] }
        return [
            (block.name, schema(of: block)),
            (unusedLifecycle, .schema(pairs(of: block.tree, isOpen: true, isIgnored: true))),
        ]
    }

    private static let unusedLifecycle = "\(LifecyclePolicy.block).unused"

    /// Returns the fields, and refuses other fields except those with some names.
    private static func closed(_ fields: Value, _ tree: FieldTree, amid others: [String]) -> [(String, Value)] {
        let reference = [("$ref", fields["$ref"] ?? .null), ("type", .string("object"))]
        guard !tree.takesEverything else { return reference }
        let names = tree.named.map(\.name) + others
        return reference + [
            ("properties", .schema(names.map { ($0, true) })),
            ("patternProperties", variableFields(of: tree)),
            ("additionalProperties", false),
        ]
    }

    /// Returns the fields that name variables for other fields, such as `addr_env`.
    private static func variableFields(of tree: FieldTree) -> Value {
        let names = tree.named.filter { $0.field?.isRead == true }.map { SchemaPatterns.literal($0.name) }
        guard !names.isEmpty else { return [:] }
        return .schema([
            (
                "^\(FieldReader.variableField(of: "(\(names.joined(separator: "|")))"))$",
                ["description": "The variable that holds the field's value.", "type": "string"]
            )
        ])
    }

    /// - Parameter isOpen: true if other fields are allowed beside these.
    private static func object(_ tree: FieldTree, isOpen: Bool) -> Value { .schema(pairs(of: tree, isOpen: isOpen)) }

    /// - Parameter isIgnored: true if the whole map has no effect, so that its form is not checked.
    private static func pairs(of tree: FieldTree, isOpen: Bool, isIgnored: Bool = false) -> [(String, Value)] {
        let branches = tree.named
        var properties = branches.map { ($0.name, schema(of: $0, isIgnored: isIgnored)) }
        if tree.isFlat { properties += nested(branches) }
        var pairs: [(String, Value)] = [("properties", .schema(properties))]
        pairs.append(("patternProperties", variableFields(of: tree)))
        let groups = branches.filter { $0.field == nil && $0.tree.isRequired }.map { Value.string($0.name) }
        if !groups.isEmpty { pairs.append(("required", .list(groups))) }
        let rules = branches.filter(\.isRequired).map { branch -> Value in
            [
                "if": ["not": ["required": [.string(FieldReader.variableField(of: branch.name))]]],
                "then": ["required": [.string(branch.name)]],
            ]
        }
        if !rules.isEmpty { pairs.append(("allOf", .list(rules))) }
        if !isOpen, !tree.takesEverything { pairs.append(("additionalProperties", false)) }
        return pairs
    }

    /// Returns the nested forms of names with dots.
    ///
    /// The option `-o` sets fields in this form.
    private static func nested(_ branches: [FieldTree.Branch]) -> [(String, Value)] {
        let heads = branches.flatMap { branch in
            branch.name.unicodeScalars.indices.filter { branch.name.unicodeScalars[$0] == "." }
                .map { ExactText(branch.name[..<$0]) }
        }
        return Set(heads).sorted().map { head in
            let below = branches.filter { $0.name.hasExactPrefix("\(head).") }.map { branch in
                var branch = branch
                branch.name = branch.name.dropping("\(head).")
                return branch
            }
            let properties = below.map { ($0.name, schema(of: $0)) } + nested(below)
            return (
                head.string,
                [
                    "type": ["object", "null"], "doNotSuggest": true, "properties": .schema(properties),
                    "additionalProperties": false,
                ]
            )
        }
    }

    private static func schema(of branch: FieldTree.Branch, isIgnored: Bool = false) -> Value {
        branch.definition.map { ["$ref": .string("#/$defs/\($0)")] } ?? definition(of: branch, isIgnored: isIgnored)
    }

    private static func definition(of branch: FieldTree.Branch, isIgnored: Bool = false) -> Value {
        guard let field = branch.field else {
            if isIgnored { return .schema(pairs(of: branch.tree, isOpen: true, isIgnored: true)) }
            var group: [(String, Value)] = [("type", ["object", "string", "null"])]
            if branch.tree.hasNoEffect { group.append(("doNotSuggest", true)) }
            return .schema(
                group + [("pattern", .string(SchemaPatterns.external))] + pairs(of: branch.tree, isOpen: false))
        }
        switch field.presence {
        case .ignored:
            return .schema(
                notice(of: field)
                    + (branch.tree.branches.isEmpty ? [] : pairs(of: branch.tree, isOpen: true, isIgnored: true)))
        case .refused:
            let sentence = Value.string("is not supported: \(field.help)")
            return ["description": sentence, "not": [:], "errorMessage": sentence, "doNotSuggest": true]
        case .required, .optional: return .schema(described(field, branch))
        }
    }

    /// Returns the keywords that say why a field has no effect.
    private static func notice(of field: FieldDescription) -> [(String, Value)] {
        let sentence = Value.string("has no effect: \(field.help)")
        return [("description", sentence), ("deprecated", true), ("deprecationMessage", sentence)]
    }

    private static func described(_ field: FieldDescription, _ branch: FieldTree.Branch) -> [(String, Value)] {
        let fallback = field.defaultsTo.map { ". Default: \($0)" } ?? ""
        var pairs: [(String, Value)] = [
            ("description", .string("\(field.help)\n\nTakes \(field.expectation)\(fallback)."))
        ]
        if case .optional(let written?) = field.presence, let value = Value(writtenInYAML: written) {
            pairs.append(("default", value))
        }
        if !field.form.examples.isEmpty {
            pairs.append(("examples", .list(field.form.examples.map { .string($0) })))
        }
        if branch.isOlder {
            let sentence = Value.string("is the older name of '\(field.path)'")
            pairs += [("deprecated", true), ("deprecationMessage", sentence)]
        }
        let elements = branch.elements.map { tree -> Value in
            guard case .maps(let short?) = field.form, let branch = tree[short], let form = branch.field?.form else {
                return .schema([("type", "object")] + Self.pairs(of: tree, isOpen: false))
            }
            // An element that is not a map is the value of its one field.
            let map = Value.schema([("type", "object")] + Self.pairs(of: tree, isOpen: false))
            return [
                "if": ["type": "object"], "then": map, "else": .schema(FieldSchema.value(of: form, isOptional: false)),
            ]
        }
        if let name = FieldSchema.sharedName(of: field.form, isOptional: field.isOptional) {
            return pairs + [("$ref", .string("#/$defs/\(name)"))]
        }
        return pairs
            + FieldSchema.value(of: field.form, elements: elements ?? [:], isOptional: field.isOptional)
    }
}

extension FieldDescription {
    /// True if the field's value is read.
    ///
    /// Then it can also come from a variable.
    fileprivate var isRead: Bool { presence == .required || isOptional }

    /// True if the field is read, and may be missing.
    fileprivate var isOptional: Bool {
        if case .optional = presence { true } else { false }
    }
}

extension CatalogedKind {
    /// The kind's fields and those of `lifecycle`, without fields that depend on another field.
    fileprivate var unconditionalFields: [FieldDescription] {
        fields.filter { $0.condition == nil } + LifecyclePolicy.descriptions
    }

    /// The conditions on which some of the kind's fields depend, each once.
    fileprivate var conditions: [FieldDescription.Condition] {
        fields.reduce(into: []) { conditions, field in
            if let condition = field.condition, !conditions.contains(condition) { conditions.append(condition) }
        }
    }
}
