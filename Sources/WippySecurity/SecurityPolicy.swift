public import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// A security policy, which allows or forbids actions on resources.
///
/// Policies are read and checked, but not enforced yet.
public struct SecurityPolicy: EntryConfig {
    /// The names of the actions that the policy covers.
    ///
    /// `*` stands for any part of a name.
    let actions: PolicyPatterns

    /// The resources that the policy covers.
    let resources: PolicyPatterns

    let effect: PolicyEffect

    /// The conditions that must all hold for the policy to apply.
    let conditions: [PolicyCondition]

    /// The groups of the policy.
    let groups: [EntryID]

    private static let block = "policy"
    private static let effect = "effect"

    /// The path of the field for ``effect``.
    static let effectField = "\(block).\(effect)"

    /// Reads the fields of a policy.
    public init(from fields: inout FieldReader) {
        (actions, resources, effect, conditions) = fields.nested(Self.block) { fields in
            (
                fields.required("actions", "The actions that the policy covers. '*' stands for any part of a name."),
                fields.required(
                    "resources", "The resources that the policy covers. '*' stands for any part of a name."),
                fields.required(Self.effect, "Whether the policy allows or forbids the actions."),
                fields.list("conditions", "Conditions that must all hold for the policy to apply.") {
                    PolicyCondition(from: &$0)
                }
            )
        }
        groups = fields.policyGroups(
            "groups",
            "The groups that the policy belongs to. A name without a namespace is a group of the policy's namespace.")
    }
}

/// The effect of a policy: it allows its actions, or forbids them.
enum PolicyEffect: String, FieldChoice {
    case allow, deny
}

/// A condition that must hold for a policy to apply.
struct PolicyCondition: EntryConfig {
    /// The path of the value to compare: `actor.meta.role`.
    let field: String
    let comparison: PolicyComparison
    /// The value to compare the field with; nil if the condition names another field.
    let value: Value?
    /// The path of the value to compare the field with; nil if the condition has a value.
    let otherField: String?

    private static let pathField = "field"
    private static let comparisonField = "operator"
    private static let valueField = "value"
    private static let otherField = "value_from"

    init(from fields: inout FieldReader) {
        let values = "'\(Self.valueField)' or '\(Self.otherField)'"
        field = fields.required(
            Self.pathField,
            "The path of the value to compare: actor.id, actor.meta.* (data about the actor), action, resource, or "
                + "meta.* (data about the resource, which code passes when it asks for permission).")
        comparison = fields.required(
            Self.comparisonField,
            "The comparison. A first letter 'n' means not: 'ne' is not equal, 'nin' is not in. 'exists' and 'nexists' "
                + "ask only whether the value is there. Every other operator needs \(values).")
        value = fields.optional(
            Self.valueField, as: Value.self,
            "A fixed value to compare with the value of '\(Self.pathField)'. Write either \(values).")
        otherField = fields.optional(
            Self.otherField, as: String.self,
            "The path of another value to compare with the value of '\(Self.pathField)'. It takes the same paths as "
                + "'\(Self.pathField)'.")
        if value == nil, otherField == nil, comparison != .exists, comparison != .nexists {
            fields.reject(
                Self.comparisonField, "compares with nothing: write \(values)",
                unlessMisspelt: [Self.valueField, Self.otherField])
        }
    }
}

/// The way in which a condition compares two values.
enum PolicyComparison: String, FieldChoice {
    case eq, ne, lt, gt, lte, gte, `in`, nin, exists, nexists, contains, ncontains, matches, nmatches
}

/// A name, or a list of names.
///
/// In a name, `*` stands for any part.
struct PolicyPatterns: FieldValue {
    static let form = FieldForm.either([.text, .list(of: .text)], words: "a string or a list of strings")
    static let substitute = PolicyPatterns(texts: [])

    let texts: [String]

    private init(texts: [String]) {
        self.texts = texts
    }

    init(reading node: Node) throws(FieldProblem) {
        switch node.listed.content {
        case .scalar(let scalar) where scalar.isText: texts = [scalar.text]
        case .sequence: texts = try [String](reading: node)
        case _: throw .expected(Self.form, got: node)
        }
        guard !texts.isEmpty, !texts.contains(where: \.isEmpty) else { throw FieldProblem("cannot be empty") }
    }

    var written: String { texts.written }
}

extension FieldReader {
    /// Reads the ids of groups of policies.
    ///
    /// Groups are not entries. They exist because policies name them.
    mutating func policyGroups(_ path: String, _ help: String) -> [EntryID] {
        custom(
            path, form: .list(of: .id(of: "a group of policies")), default: [], help
        ) { node, fields throws(FieldProblem) in
            try [String](reading: node).enumerated().map { index, text throws(FieldProblem) in
                guard let id = EntryID(text, relativeTo: fields.namespace) else {
                    throw FieldProblem("must be the id of a group of policies, got '\(text)'", part: "[\(index)]")
                }
                return id
            }
        }
    }
}

extension Contract where Offered == SecurityPolicy {
    /// The contract of a security policy.
    ///
    /// The config of a kind that offers it must be a ``SecurityPolicy``. A field can name policies, but code outside
    /// this module cannot read what they say.
    public static var securityPolicy: Self { Contract("a security policy", meaning: .startsAfter) }
}
