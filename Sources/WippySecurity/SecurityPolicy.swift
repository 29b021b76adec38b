public import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// A security policy: who may do what with which resources.
public struct SecurityPolicy: EntryConfig {
    /// The actions that it speaks of: names, with `*` for any part.
    let actions: PolicyPatterns

    /// What they are done with.
    let resources: PolicyPatterns

    let effect: PolicyEffect

    /// What must hold for it to count, all of it.
    let conditions: [PolicyCondition]

    /// The groups that it is in.
    let groups: [EntryID]

    /// Reads the fields.
    public init(from fields: inout FieldReader) {
        (actions, resources, effect, conditions) = fields.nested("policy") { fields in
            (
                fields.required("actions", "The actions that the policy covers; '*' stands for any part of a name."),
                fields.required("resources", "The resources that it covers; '*' stands for any part of a name."),
                fields.required("effect", "Whether it allows or forbids the actions."),
                fields.list("conditions", "Conditions that must all hold for the policy to apply.") {
                    PolicyCondition(from: &$0)
                }
            )
        }
        groups = fields.policyGroups("The groups of the policy; a short name means one of its own namespace.")
    }
}

/// Whether a policy allows or forbids.
enum PolicyEffect: String, FieldChoice {
    case allow, deny

    static var placeholder: PolicyEffect { .deny }
}

/// What must hold for a policy to count.
struct PolicyCondition: EntryConfig {
    /// What is compared: `actor.meta.role`.
    let field: String
    let comparison: PolicyComparison
    /// What it is compared with; nil where that is the value of another field.
    let value: Value?
    /// The field that it is compared with.
    let otherField: String?

    init(from fields: inout FieldReader) {
        field = fields.required("field", "The value to compare: actor.id, actor.meta.*, action, resource or meta.*.")
        comparison = fields.required("operator", "How to compare it.")
        value = fields.optional("value", as: Value.self, "The value to compare it with.")
        otherField = fields.optional("value_from", as: String.self, "The field to compare it with.")
        if value == nil, otherField == nil, comparison != .exists, comparison != .nexists {
            fields.reject("operator", "compares with nothing: write 'value' or 'value_from'")
        }
    }
}

/// How the value of a field is compared.
enum PolicyComparison: String, FieldChoice {
    case eq, ne, lt, gt, lte, gte, `in`, nin, exists, nexists, contains, ncontains, matches, nmatches

    static var placeholder: PolicyComparison { .exists }
}

/// A name, or a list of names, in which `*` stands for any part.
struct PolicyPatterns: FieldValue {
    static let form = FieldForm.either([.text, .list(of: .text)], words: "a text or a list of texts")
    static let placeholder = PolicyPatterns(texts: [])

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
    /// Reads the ids of groups of policies, which are no entries: a policy names those that it is in.
    mutating func policyGroups(_ help: String) -> [EntryID] {
        custom(
            "groups", form: .list(of: .id(of: "a group of policies")), default: [], help
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
    /// A security policy.
    static var securityPolicy: Self { Contract("a security policy", meaning: .startsAfter) }
}
