import Testing
import WippyText
import WippyValues

@testable import WippyStore

@Suite("Values with ends")
struct ExpiringValuesTests {
    @Test("A value that replaces another one has an end of its own")
    func replaced() {
        var values = ExpiringValues()
        values.set(1, of: "longer", until: .seconds(1))
        values.set(2, of: "longer", until: .seconds(9))
        values.set(1, of: "shorter", until: .seconds(9))
        values.set(2, of: "shorter", until: .seconds(1))
        values.set(1, of: "forever", until: .seconds(1))
        values.set(2, of: "forever", until: nil)
        values.removeExpired(at: .seconds(5))
        #expect(values.value(of: "longer", at: .seconds(5)) == 2)
        #expect(values.value(of: "forever", at: .seconds(5)) == 2)
        #expect(!values.contains("shorter") && values.count == 2)
        values.removeExpired(at: .seconds(9))
        #expect(values.value(of: "forever", at: .seconds(9)) == 2 && values.count == 1)
    }

    @Test("Each value is there until its end, and no longer", arguments: 1...20 as ClosedRange<UInt64>)
    func likeDictionary(_ seed: UInt64) {
        var (values, expected) = (ExpiringValues(), [ExactText: Int]())
        var state = seed
        func draw(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for now in 0..<500 {
            let key = ExactText("\(draw(10))")
            expected = expected.filter { $0.value > now }
            switch draw(4) {
            case 0:
                let isRemoved = values.remove(key, at: .seconds(now))
                #expect(isRemoved == (expected.removeValue(forKey: key) != nil))
            case 1: values.removeExpired(at: .seconds(now))
            default:
                let end = now + 1 + draw(50)
                values.set(.integer(end), of: key, until: .seconds(end))
                expected[key] = end
            }
            for key in (0..<10).map({ ExactText("\($0)") }) {
                #expect(values.value(of: key, at: .seconds(now)) == expected[key].map { .integer($0) })
            }
        }
        values.removeExpired(at: .seconds(1000))
        #expect(values.count == 0)
    }

    @Test("Values that are replaced and removed leave nothing that grows")
    func replacedOften() {
        var values = ExpiringValues()
        for number in 0..<10_000 {
            values.set(1, of: ExactText("\(number % 10)"), until: .seconds(60 + number))
            #expect(values.endsCount <= 2 * values.count)
        }
        let removed = (0..<10).filter { values.remove(ExactText("\($0)"), at: .zero) }
        #expect(removed.count == 10)
        #expect(values.count == 0 && values.endsCount == 0)
    }
}
