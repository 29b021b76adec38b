import Testing
import WippyRuntime

@testable import WippyKinds

/// The source of randomness of a test: its seed repeats a run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

@Suite("The collections under a queue")
struct QueueCollectionsTests {
    @Test("A deque does what an array does", arguments: 0..<20)
    func dequeLikeArray(seed: UInt64) {
        var random = SeededRandom(seed)
        var deque = Deque<Int>()
        var array: [Int] = []
        for step in 0..<2000 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<6:
                deque.append(step)
                array.append(step)
            case 6..<9:
                #expect(deque.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            case 9:
                let wanted = array.randomElement(using: &random) ?? -1
                #expect(deque.removeFirst { $0 == wanted } == array.firstIndex(of: wanted).map { array.remove(at: $0) })
            case 10:
                let number = Int.random(in: 0..<2000, using: &random)
                deque.insert(number) { $0 > number }
                array.insert(number, at: array.firstIndex { $0 > number } ?? array.count)
            default:
                #expect(deque.removeAll { $0 % 7 == 0 } == array.filter { $0 % 7 == 0 })
                array.removeAll { $0 % 7 == 0 }
            }
            #expect(deque.count == array.count)
            #expect(deque.first == array.first)
            #expect(deque.isEmpty == array.isEmpty)
        }
        for element in array { #expect(deque.popFirst() == element) }
        #expect(deque.popFirst() == nil)
    }

    @Test("A deque of many is emptied in order and can be used again")
    func dequeOfMany() {
        var deque = Deque<Int>()
        for number in 0..<5000 { deque.append(number) }
        for number in 0..<5000 { #expect(deque.popFirst() == number) }
        deque.append(1)
        #expect(deque.popFirst() == 1)
        #expect(deque.isEmpty)
    }

    @Test("A heap gives its elements in order", arguments: 0..<20)
    func heapSorts(seed: UInt64) {
        var random = SeededRandom(seed)
        var heap = Heap<Int>()
        var kept: [Int] = []
        for _ in 0..<1000 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let number = Int.random(in: 0..<100, using: &random)
                heap.insert(number)
                kept.append(number)
            } else {
                kept.sort()
                #expect(heap.popFirst() == (kept.isEmpty ? nil : kept.removeFirst()))
            }
            #expect(heap.first == kept.min())
            #expect(heap.count == kept.count)
        }
    }
}
