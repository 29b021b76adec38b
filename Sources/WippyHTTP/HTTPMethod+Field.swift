public import HTTPServing
public import WippyDefinition
import WippyText

extension HTTPMethod: FieldValue {
    /// The methods that an endpoint can answer.
    static let answerable: [HTTPMethod] = [.get, .post, .put, .delete, .patch, .head, .options, .trace]

    /// The form of a field with a method.
    public static var form: FieldForm { .choice(answerable.map(\.rawValue)) }

    /// The value of a field that cannot be read: GET.
    public static var substitute: HTTPMethod { .get }

    /// Reads a method, which must be in capitals.
    ///
    /// - Throws: `FieldProblem` when the value is not one of the methods that an endpoint can answer.
    public init(reading node: Node) throws(FieldProblem) {
        let text = node.scalar?.text ?? ""
        guard let method = Self.answerable.first(where: { ExactText.areEqual($0.rawValue, text) }) else {
            let nearest = Spelling.nearest(to: text, among: Self.answerable.map(\.rawValue))
            throw FieldProblem("must be \(Self.form.words), got \(node.found)").suggesting(nearest)
        }
        self = method
    }

    /// The method as you write it in a definition file.
    public var written: String { rawValue }
}
