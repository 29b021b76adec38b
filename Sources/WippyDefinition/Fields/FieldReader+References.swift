public import WippyText

extension FieldReader {
    /// Reads a required field with the id of an entry that this entry needs.
    ///
    /// An id without a namespace names an entry in the same namespace. If the other entry is built anew, the link to it
    /// leads to the new component.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - contract: the contract that the other entry must offer.
    ///   - meaning: the meaning of the reference. Default: nil, the contract's meaning.
    ///   - help: the purpose of the field, for the manual and for messages.
    public mutating func reference<Offered>(
        _ path: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning? = nil, _ help: String
    ) -> Reference<Offered> {
        reference(path, contract, meaning: meaning, isBase: false, help)
    }

    /// Reads a required field with the id of an entry on which this entry is built.
    ///
    /// If the base changes, this entry counts as changed, too: it is built anew, or its kind updates it in place.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - contract: the contract that the other entry must offer.
    ///   - meaning: the meaning of the reference. Default: nil, the contract's meaning.
    ///   - help: the purpose of the field, for the manual and for messages.
    public mutating func base<Offered>(
        _ path: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning? = nil, _ help: String
    ) -> Base<Offered> {
        Base(reference(path, contract, meaning: meaning, isBase: true, help))
    }

    private mutating func reference<Offered>(
        _ path: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning?, isBase: Bool, _ help: String
    ) -> Reference<Offered> {
        describe(path, .id(of: contract.words), .required, help)
        let id = target(path, contract.erased, meaning ?? contract.meaning, isBase: isBase, requiredFor: help)
        return Reference(id ?? .substitute, contract)
    }

    /// Reads a required field with the id of an entry of any kind, which must start before this entry.
    public mutating func reference(_ path: String, _ help: String) -> EntryID {
        describe(path, .id(of: "an entry"), .required, help)
        return target(path, nil, .startsAfter, requiredFor: help) ?? .substitute
    }

    /// Reads the id of an entry that this entry needs; returns nil if the field is missing or cannot be read.
    ///
    /// It works like ``reference(_:_:meaning:_:)``. `words` is the default in words, for the manual.
    public mutating func optionalReference<Offered>(
        _ path: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning? = nil,
        defaultsTo words: String? = nil, _ help: String
    ) -> Reference<Offered>? {
        optionalReference(path, contract, meaning: meaning, isBase: false, defaultsTo: words, help)
    }

    /// Reads the id of an entry on which this entry is built; returns nil if the field is missing or cannot be read.
    ///
    /// It works like ``base(_:_:meaning:_:)``.
    public mutating func optionalBase<Offered>(
        _ path: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning? = nil, _ help: String
    ) -> Base<Offered>? {
        optionalReference(path, contract, meaning: meaning, isBase: true, help).map { Base($0) }
    }

    private mutating func optionalReference<Offered>(
        _ path: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning?, isBase: Bool,
        defaultsTo words: String? = nil, _ help: String
    ) -> Reference<Offered>? {
        describe(path, .id(of: contract.words), .optional(written: nil), help, defaultsTo: words)
        return target(path, contract.erased, meaning ?? contract.meaning, isBase: isBase, requiredFor: nil).map {
            Reference($0, contract)
        }
    }

    /// Reads a required field with the id of the entry to which this entry belongs, such as an endpoint's router.
    public mutating func attachment<Parent>(
        _ path: String, _ contract: Contract<Parent>, _ help: String
    ) -> Attachment<Parent> {
        describe(path, .id(of: contract.words), .required, help)
        return Attachment(target(path, contract.erased, .belongsTo, requiredFor: help) ?? .substitute)
    }

    /// Reads a required field with a list of ids of entries that this entry needs.
    ///
    /// An id that cannot be read is reported and left out. The other ids work as in ``reference(_:_:meaning:_:)``.
    public mutating func references<Offered>(
        _ path: String, _ contract: Contract<Offered>, _ help: String
    ) -> [Reference<Offered>] {
        describe(path, .list(of: .id(of: contract.words)), .required, help)
        return targets(path, contract, requiredFor: help)
    }

    /// Reads a list of ids of entries that this entry needs; returns an empty list if the field is missing or cannot be
    /// read.
    ///
    /// It works like ``references(_:_:_:)``.
    public mutating func optionalReferences<Offered>(
        _ path: String, _ contract: Contract<Offered>, _ help: String
    ) -> [Reference<Offered>] {
        describe(path, .list(of: .id(of: contract.words)), .optional(written: "[]"), help)
        return targets(path, contract, requiredFor: nil)
    }

    private mutating func targets<Offered>(
        _ path: String, _ contract: Contract<Offered>, requiredFor help: String?
    ) -> [Reference<Offered>] {
        let nodes = decode(path, presenceOf: help) { node throws(FieldProblem) in
            guard case .sequence(let nodes) = node.listed.content else { throw .expected("a list", got: node) }
            return nodes
        }
        return (nodes ?? []).enumerated().compactMap { index, node in
            do throws(FieldProblem) {
                let id = try noteReference(
                    node, field: "\(path)[\(index)]", contract: contract.erased, meaning: contract.meaning)
                return Reference(id, contract)
            } catch {
                report(error, path: "\(path)[\(index)]", node: node)
                return nil
            }
        }
    }

    /// Reads a map of short names to ids, such as `uses`; returns an empty map if the field is missing or cannot be
    /// read.
    ///
    /// This entry needs the named entries, which may be of any kind. Each value that is not an id is an error. A name
    /// with a colon is a warning, because code takes it for a full id.
    public mutating func namedReferences(_ path: String, _ help: String) -> [ExactText: EntryID] {
        let form = FieldForm.either([.map(of: .id(of: "an entry"))], words: "a map of names to ids")
        return custom(path, form: form, default: [:], help) { node, fields throws(FieldProblem) in
            let node = node.structured
            guard case .mapping = node.content else { throw .expected(form, got: node) }
            var targets: [ExactText: EntryID] = [:]
            for pair in node.pairs {
                if pair.key.string.unicodeScalars.contains(":") {
                    let reason = "code takes a name with ':' for a full id"
                    fields.warn("\(path).\(pair.key)", "has no effect: \(reason)", at: pair.keyLocation)
                }
                do throws(FieldProblem) {
                    targets[pair.key] = try fields.noteReference(pair.value, field: "\(path).\(pair.key)")
                } catch {
                    fields.report(error, path: "\(path).\(pair.key)", node: pair.value)
                }
            }
            return targets
        }
    }

    /// Reads an id from a node, and records that this entry needs the other entry.
    ///
    /// - Parameters:
    ///   - node: the node with the id.
    ///   - field: the field's path, for messages.
    ///   - contract: the contract that the other entry must offer. Default: nil, any entry.
    ///   - meaning: the meaning of the reference. Default: nil, the meaning of the first contract that the other
    ///     entry offers; ``ReferenceMeaning/startsAfter`` if it offers none.
    /// - Throws: ``FieldProblem`` if the node is not an id.
    public mutating func noteReference(
        _ node: Node, field: String, contract: AnyContract? = nil, meaning: ReferenceMeaning? = nil
    ) throws(FieldProblem) -> EntryID {
        try noteReference(node, field: field, contract: contract, meaning: meaning, isBase: false)
    }

    /// Reads an id from a node, and records that the other entry is a base of this entry.
    ///
    /// It works like ``base(_:_:meaning:_:)``.
    ///
    /// - Parameters:
    ///   - node: the node with the id.
    ///   - field: the field's path, for messages.
    ///   - contract: the contract that the other entry must offer.
    /// - Throws: ``FieldProblem`` if the node is not an id.
    public mutating func noteBase<Offered>(
        _ node: Node, field: String, contract: Contract<Offered>
    ) throws(FieldProblem) -> Base<Offered> {
        let id = try noteReference(
            node, field: field, contract: contract.erased, meaning: contract.meaning, isBase: true)
        return Base(Reference(id, contract))
    }

    /// Records a mention: the entry's code names another entry.
    ///
    /// The other entry need not exist, and does not start first because of the mention. The mention counts for the
    /// order of a stop, for `lint` and for `graph`.
    ///
    /// - Parameters:
    ///   - id: the entry that the code names.
    ///   - contract: the contract that the other entry must offer.
    ///   - call: the call in the code, for messages, such as `queue.publish`.
    ///   - meaning: the meaning of the mention. Default: nil, the contract's meaning.
    ///   - location: the place of the id in the code.
    public mutating func noteMention(
        of id: EntryID, as contract: AnyContract, in call: String, meaning: ReferenceMeaning? = nil,
        at location: Location
    ) {
        named.mentions.append(
            ReferenceUse(
                field: call, location: location, entry: id, contract: contract, meaning: meaning ?? contract.meaning))
    }

    private mutating func noteReference(
        _ node: Node, field: String, contract: AnyContract?, meaning: ReferenceMeaning?, isBase: Bool
    ) throws(FieldProblem) -> EntryID {
        guard let scalar = node.scalar, scalar.isText, let id = EntryID(scalar.text, relativeTo: namespace) else {
            let problem = FieldProblem.expected(.id(of: contract?.words ?? "an entry"), got: node)
            throw FieldProblem(problem.message, part: problem.part, at: node.location, suggestion: problem.suggestion)
        }
        values.written?[ExactText(prefix + field)]?.content = .scalar(Scalar(id.description, style: .quoted))
        named.references.append(
            ReferenceUse(
                field: map.writtenName(of: prefix + field), location: node.location, entry: id, contract: contract,
                meaning: meaning, isBase: isBase))
        return id
    }

    private mutating func target(
        _ path: String, _ contract: AnyContract?, _ meaning: ReferenceMeaning, isBase: Bool = false,
        requiredFor help: String?
    ) -> EntryID? {
        guard let node = decode(path, presenceOf: help, { node throws(FieldProblem) in node }) else { return nil }
        do {
            return try noteReference(node, field: path, contract: contract, meaning: meaning, isBase: isBase)
        } catch {
            report(error, path: path, node: node)
            return nil
        }
    }
}

extension EntryID {
    /// The id that stands for one that cannot be read.
    ///
    /// No declared entry has this id, because its parts are blank.
    static let substitute = EntryID(namespace: "", name: "")
}
