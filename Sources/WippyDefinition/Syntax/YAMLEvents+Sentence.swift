extension YAMLEvents.Failure {
    /// The place of the error; for a quoted text that is never closed, its beginning.
    var place: YAMLEvents.Mark {
        if isUnclosed || isBareStar, let context { return context.mark }
        return mark
    }

    /// The problem and its context as one sentence.
    ///
    /// The most common problems of libyaml have plainer words here.
    var sentence: String {
        if isUnclosed { return "the quoted text that begins here is never closed" }
        if isBareStar { return "a string that begins with '*' must be in quotes" }
        if isTab { return "a tab cannot indent: use spaces" }
        guard let context, context.words != "while scanning for the next token",
            context.words != "while parsing a flow node"
        else { return plainProblem }
        guard context.mark != place else { return "\(plainProblem) (\(context.words))" }
        if let part {
            return "\(plainProblem) (\(part) begins in line \(context.mark.line), column \(context.mark.column))"
        }
        return "\(plainProblem) (\(context.words) from line \(context.mark.line), column \(context.mark.column))"
    }

    private var isUnclosed: Bool {
        problem == "found unexpected end of stream" && context?.words == "while scanning a quoted scalar"
    }

    /// True if the problem is an alias without a name: `cron: */5 * * * *`.
    private var isBareStar: Bool {
        problem == "did not find expected alphabetic or numeric character"
            && context?.words == "while scanning an alias"
    }

    private var isTab: Bool {
        switch problem {
        case "found a tab character that violates indentation": true
        case "found a tab character where an indentation space is expected": true
        case "found character that cannot start any token": character == "\t"
        default: false
        }
    }

    /// The part of the file in which the problem is.
    private var part: String? {
        switch context?.words {
        case "while parsing a block collection": "the list"
        case "while parsing a flow sequence": "the list"
        case "while parsing a block mapping": "the map"
        case "while parsing a flow mapping": "the map"
        case "while parsing a quoted scalar": "the text"
        case "while scanning a simple key": "the key"
        default: nil
        }
    }

    private var plainProblem: String {
        switch problem {
        case "mapping values are not allowed in this context":
            "a ':' is not allowed here: check the indentation, or put the text before it in quotes"
        case "did not find expected key":
            "a key was expected here: check the indentation"
        case "did not find expected '-' indicator":
            "a '-' was expected here: check the indentation"
        case "found character that cannot start any token":
            "'\(character ?? " ")' cannot begin a value: put the value in quotes"
        case "did not find expected ',' or ']'":
            "a ',' or ']' was expected here"
        case "did not find expected ',' or '}'":
            "a ',' or '}' was expected here"
        case "could not find expected ':'":
            "a ':' was expected after the key"
        case "did not find expected node content":
            "a value was expected here"
        case "found unknown escape character":
            "the escape is unknown: put the text in single quotes, or write each '\\' twice"
        default:
            problem
        }
    }
}
