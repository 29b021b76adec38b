import WippyText

/// The reason why a text is not a cron expression.
public struct CronProblem: Error, Equatable {
    /// The number of Unicode scalars of the text before the problem.
    public let offset: Int
    /// The problem as the end of a sentence: `has a minute of '75': it must be 0 through 59`.
    public let message: String

    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }
}

extension CronExpression {
    /// Short words for whole expressions, each with its expression.
    static let macros = [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
    ]

    /// The shape of an expression.
    ///
    /// The numbers in the fields are checked only when an expression is read.
    static let shape: TextShape = {
        let field = Alphabet("0"..."9", "A"..."Z", "a"..."z", "*"..."*", ","..."-", "/"..."/")
        let next = TextShape.sequence([.word(of: blanks), .word(of: field)])
        let fields = TextShape.sequence([.word(of: field), .repeated(next, atLeast: 4, atMost: 4)])
        return .sequence([
            .any(blanks), .choice(macros.map { .ignoringCase($0.0) } + [fields]), .any(blanks),
        ])
    }()

    fileprivate static let blanks = Alphabet(of: " \t")

    /// Reads an expression: five fields with blanks between them, or a word such as `@daily`.
    ///
    /// The fields are minute, hour, day of the month, month and weekday.
    ///
    /// A field is a list of numbers, ranges such as `8-18`, and `*`, with commas between them. A range or `*` may have
    /// a step, as in `*/15`. Months and weekdays may be written as names in upper or lower case, such as `jan` and
    /// `sun`. Sunday is 0 and 7.
    ///
    /// - Throws: ``CronProblem`` when the text is not an expression, or when no day can match, such as 30 February.
    public init(_ text: String) throws(CronProblem) {
        let words = CronWord.words(of: text)
        guard let first = words.first else {
            throw CronProblem(offset: 0, message: "is empty: it must have five fields, such as '0 3 * * *'")
        }
        if first.scalars.first == "@" {
            try self.init(macro: first, of: words, in: text)
        } else {
            try self.init(words, of: text)
        }
    }

    private init(macro: CronWord, of words: [CronWord], in text: String) throws(CronProblem) {
        let name = macro.text.lowercasedASCII
        guard words.count == 1, let fields = Self.macros.first(where: { ExactText.areEqual($0.0, name) })?.1 else {
            let known = Self.macros.map(\.0).joined(separator: ", ")
            let remedy =
                switch name {
                case "@every": "write the field '\(Timetable.everyField)' instead"
                case "@reboot": "it is a start, not a time; do such work in a service that runs at each start"
                default: "it must stand alone and be one of \(known)"
                }
            throw macro.problem("has '\(macro.text)': \(remedy)")
        }
        try self.init(CronWord.words(of: fields), of: text)
    }

    private init(_ words: [CronWord], of text: String) throws(CronProblem) {
        guard words.count == 5 else {
            let problem = "has \(words.count) of its five fields: minute, hour, day of the month, month, weekday"
            guard words.count > 5 else { throw CronProblem(offset: 0, message: problem) }
            throw words[5].problem(
                "has \(words.count) fields, but must have five: minute, hour, day of the month, month, weekday")
        }
        self.text = text
        minutes = try CronField.minute.numbers(of: words[0])
        hours = try CronField.hour.numbers(of: words[1])
        days = try CronField.day.numbers(of: words[2])
        months = try CronField.month.numbers(of: words[3])
        weekdays = try CronField.weekday.numbers(of: words[4])
        takesEitherDay = words[2].scalars.first != "*" && words[4].scalars.first != "*"
        let longestMonth = (1...12).filter(months.contains).map { Self.longestMonths[$0 - 1] }.max() ?? 31
        if !takesEitherDay, let first = days.first(from: 1), first > longestMonth {
            throw words[2].problem("never comes: none of its months has a day \(first)")
        }
    }

    private static let longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/// A part of an expression, which knows its place in the text.
private struct CronWord {
    let scalars: ArraySlice<Unicode.Scalar>

    var text: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    static func words(of text: String) -> [CronWord] {
        Array(text.unicodeScalars).split(whereSeparator: CronExpression.blanks.contains).map { CronWord(scalars: $0) }
    }

    func split(at separator: Unicode.Scalar, most: Int = .max) -> [CronWord] {
        scalars.split(separator: separator, maxSplits: most, omittingEmptySubsequences: false).map {
            CronWord(scalars: $0)
        }
    }

    func problem(_ message: String) -> CronProblem { CronProblem(offset: scalars.startIndex, message: message) }
}

/// The name and the numbers of one of the five fields.
private struct CronField {
    let name: String
    let range: ClosedRange<Int>
    var article = "a"
    /// The names of the field's numbers, in order from the lowest.
    var names: [String] = []

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23, article: "an")
    static let day = CronField(name: "day of the month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let weekday = CronField(
        name: "weekday", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    /// The allowed values in words: `0 through 59`, or `1 through 12, or jan through dec`.
    private var expectation: String {
        let numbers = "\(range.lowerBound) through \(range.upperBound)"
        guard let first = names.first, let last = names.last else { return numbers }
        return "\(numbers), or \(first) through \(last)"
    }

    func numbers(of word: CronWord) throws(CronProblem) -> NumberSet {
        var numbers = NumberSet()
        for part in word.split(at: ",") {
            let (range, step) = try rangeAndStep(of: part)
            for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
                // Sunday is 0 and 7.
                numbers.insert(self.range.upperBound == 7 ? number % 7 : number)
            }
        }
        return numbers
    }

    private func rangeAndStep(of part: CronWord) throws(CronProblem) -> (ClosedRange<Int>, Int) {
        let halves = part.split(at: "/", most: 1)
        let range = try self.range(of: halves[0])
        guard halves.count == 2 else { return (range ?? self.range, 1) }
        let steps = 1...(self.range.upperBound - self.range.lowerBound)
        guard Alphabet.digits.spells(halves[1].text), let step = Int(halves[1].text), steps.contains(step) else {
            throw halves[1].problem(
                "has a step of '\(halves[1].text)' in its \(name): it must be \(steps.lowerBound) through "
                    + "\(steps.upperBound)")
        }
        if let range, range.lowerBound == range.upperBound, halves[0].split(at: "-").count == 1 {
            throw part.problem(
                "has a step after one \(name): write '\(halves[0].text)-\(self.range.upperBound)/\(step)'")
        }
        return (range ?? self.range, step)
    }

    /// - Returns: nil for `*`.
    private func range(of word: CronWord) throws(CronProblem) -> ClosedRange<Int>? {
        if word.scalars.elementsEqual(["*"]) { return nil }
        let ends = word.split(at: "-", most: 1)
        let lower = try number(of: ends[0])
        guard ends.count == 2 else { return lower...lower }
        var upper = try number(of: ends[1])
        if range.upperBound == 7, upper == 0, lower > 0 { upper = 7 }
        guard lower <= upper else {
            throw word.problem(
                "has the \(name)s '\(word.text)', which run backwards: write "
                    + "'\(ends[0].text)-\(range.upperBound),\(range.lowerBound)-\(ends[1].text)'")
        }
        return lower...upper
    }

    private func number(of word: CronWord) throws(CronProblem) -> Int {
        let text = word.text.lowercasedASCII
        if let index = names.firstIndex(where: { ExactText.areEqual($0, text) }) { return range.lowerBound + index }
        let isNumber = !word.scalars.isEmpty && word.scalars.allSatisfy { "0"..."9" ~= $0 }
        guard isNumber, let number = Int(text), range.contains(number) else {
            let found =
                word.scalars.isEmpty ? "an empty \(name)" : "\(article) \(name) of '\(word.text)'"
            throw word.problem("has \(found): it must be \(expectation)")
        }
        return number
    }
}
