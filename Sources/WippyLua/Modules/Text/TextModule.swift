import LuaEngine
import WippyText
import WippyTextTools

extension ScriptModule {
    /// `text`: regular expressions, differences and patches, and chunks of long texts.
    static let text = ScriptModule(
        "text",
        [
            .table(
                "regexp",
                [
                    .function("compile") { stack in
                        let pattern = try stack.checkString(at: 1)
                        do throws(RegularExpression.SyntaxError) {
                            let expression = try RegularExpression(pattern)
                            stack.push(
                                ScriptExpressionObject(expression), as: ScriptExpressionObject.type,
                                holding: expression.size)
                            return stack.succeed()
                        } catch {
                            return stack.fail(.invalid("error parsing regexp: \(error.problem)"))
                        }
                    }
                ]),
            .textDiff, .textSplitter,
        ])
}

/// A regular expression, for scripts.
private final class ScriptExpressionObject: Sendable {
    let expression: RegularExpression

    init(_ expression: RegularExpression) {
        self.expression = expression
    }

    /// Finds matches in the second argument, and calls `push` with them.
    private func find(
        _ stack: LuaStack, limit: Int, _ push: (LuaStack, [UInt8], [[Int]]) -> Void
    ) throws -> LuaVerdict {
        let text = try stack.checkBytes(at: 2)
        guard let matches = expression.matches(in: text.span, limit: limit, mustStop: { stack.mustStop }) else {
            throw LuaRaise("the search has been stopped")
        }
        push(stack, text, matches)
        return .one
    }

    static let type: LuaObjectType<ScriptExpressionObject> = LuaObjectType(
        "text.Regexp",
        methods: [
            "match_string": { stack, object in
                try object.find(stack, limit: 1) { stack, _, matches in stack.push(!matches.isEmpty) }
            },
            "find_string": { stack, object in
                try object.find(stack, limit: 1) { stack, text, matches in
                    stack.pushFirst(matches) { stack.push(text, $0[0], $0[1]) }
                }
            },
            "find_all_string": { stack, object in
                try object.find(stack, limit: -1) { stack, text, matches in
                    stack.pushList(matches) { stack.push(text, $0[0], $0[1]) }
                }
            },
            "find_string_submatch": { stack, object in
                try object.find(stack, limit: 1) { stack, text, matches in
                    stack.pushFirst(matches) { stack.pushGroups(text, $0) }
                }
            },
            "find_all_string_submatch": { stack, object in
                try object.find(stack, limit: -1) { stack, text, matches in
                    stack.pushList(matches) { stack.pushGroups(text, $0) }
                }
            },
            "find_string_index": { stack, object in
                try object.find(stack, limit: 1) { stack, _, matches in
                    stack.pushFirst(matches) { stack.pushPlaces($0) }
                }
            },
            "find_all_string_index": { stack, object in
                try object.find(stack, limit: -1) { stack, _, matches in
                    if matches.isEmpty { stack.pushNil() } else { stack.pushList(matches) { stack.pushPlaces($0) } }
                }
            },
            "replace_all_string": { stack, object in
                let replacement = try stack.checkBytes(at: 3)
                let names = object.expression.groupNames
                return try object.find(stack, limit: -1) { stack, text, matches in
                    var result: [UInt8] = []
                    var end = 0
                    for match in matches {
                        result += text[end..<match[0]]
                        append(replacement, of: match, in: text, names: names, to: &result)
                        end = match[1]
                    }
                    stack.push(result + text[end...])
                }
            },
            "split": { stack, object in
                let count = try stack.checkInteger(at: 3, default: -1)
                return try object.find(stack, limit: count > 0 ? count - 1 : count) { stack, text, matches in
                    var parts: [(Int, Int)] = []
                    var end = 0
                    // An empty match at the beginning or end separates nothing.
                    for match in matches where match[1] > 0 && !(match[0] == match[1] && match[0] == text.count) {
                        parts.append((end, match[0]))
                        end = match[1]
                    }
                    stack.pushList(count == 0 ? [] : parts + [(end, text.count)]) { stack.push(text, $0.0, $0.1) }
                }
            },
            "num_subexp": { stack, object in
                stack.push(object.expression.groupNames.count - 1)
                return .one
            },
            "subexp_names": { stack, object in
                stack.pushList(object.expression.groupNames) { stack.push($0) }
                return .one
            },
            "string": { stack, object in
                stack.push(object.expression.pattern)
                return .one
            },
        ])

    /// Appends a replacement.
    ///
    /// `$1`, `${1}` and `$name` stand for groups, and `$$` stands for a dollar sign.
    private static func append(
        _ replacement: [UInt8], of match: [Int], in text: [UInt8], names: [String], to result: inout [UInt8]
    ) {
        var index = 0
        while index < replacement.count {
            let byte = replacement[index]
            index += 1
            guard byte == UInt8(ascii: "$"), index < replacement.count else {
                result.append(byte)
                continue
            }
            if replacement[index] == UInt8(ascii: "$") {
                result.append(byte)
                index += 1
                continue
            }
            let isBraced = replacement[index] == UInt8(ascii: "{")
            let name = replacement[(isBraced ? index + 1 : index)...].prefix { $0.isWordPart }
            let isClosed = !isBraced || replacement[name.endIndex...].first == UInt8(ascii: "}")
            guard !name.isEmpty, isClosed else {
                result.append(byte)
                continue
            }
            index = name.endIndex + (isBraced ? 1 : 0)
            let group =
                Int(String(decoding: name, as: UTF8.self))
                ?? names.firstIndex { !$0.isEmpty && $0.utf8.elementsEqual(name) }
            if let group, 0..<names.count ~= group, match[2 * group] >= 0 {
                result += text[match[2 * group]..<match[2 * group + 1]]
            }
        }
    }
}

extension LuaStack {
    fileprivate func push(_ text: [UInt8], _ start: Int, _ end: Int) {
        if start < 0 { push("" as StaticString) } else { push(text.span.extracting(start..<end)) }
    }

    fileprivate func pushList<Element>(_ elements: [Element], _ pushElement: (Element) -> Void) {
        pushTable(elements: elements.count)
        for (index, element) in elements.enumerated() {
            pushElement(element)
            setElement(index + 1, at: -2)
        }
    }

    fileprivate func pushFirst(_ matches: [[Int]], _ pushMatch: ([Int]) -> Void) {
        if let match = matches.first { pushMatch(match) } else { pushNil() }
    }

    /// Pushes the whole match and its groups.
    fileprivate func pushGroups(_ text: [UInt8], _ match: [Int]) {
        pushList(Array(0..<match.count / 2)) { push(text, match[2 * $0], match[2 * $0 + 1]) }
    }

    /// Pushes the first and the last position of a match, counted as `string.sub` counts.
    fileprivate func pushPlaces(_ match: [Int]) {
        pushList([match[0] + 1, match[1]]) { push($0) }
    }
}
