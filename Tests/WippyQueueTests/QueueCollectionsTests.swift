import Testing
import WippyRuntime
import WippyTesting

@testable import WippyQueue

@Suite("The collections under a queue")
struct QueueCollectionsTests {
    @Test("A deque does what an array does", arguments: 0..<20)
    func dequeLikeArray(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var deque = Deque<Int>()
        var array: [Int] = []
        for step in 0..<2000 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<6:
                deque.append(step)
                array.append(step)
            case 6..<9:
                #expect(deque.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            default:
                let number = Int.random(in: 0..<2000, using: &random)
                deque.insert(number) { $0 > number }
                array.insert(number, at: array.firstIndex { $0 > number } ?? array.count)
            }
            #expect(deque.count == array.count)
            #expect(deque.first == array.first)
            #expect(deque.isEmpty == array.isEmpty)
        }
        for element in array { #expect(deque.popFirst() == element) }
        #expect(deque.popFirst() == nil)
    }

    @Test("A waiting line behaves as an array, whoever leaves it", arguments: [1, 2, 3] as [UInt64])
    func waitingLine(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var line = WaitingLine<Int>()
        var array: [Int] = []
        for ticket in 0..<5000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                line.append(ticket, ticket: ticket)
                array.append(ticket)
            case 5..<7:
                #expect(line.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            default:
                let leaving = array.randomElement(using: &random) ?? -1
                #expect(line.remove(leaving) == array.firstIndex(of: leaving).map { array.remove(at: $0) })
                #expect(line.remove(leaving) == nil)
            }
            #expect(line.first == array.first)
            #expect(line.isEmpty == array.isEmpty)
        }
        #expect(line.removeAll() == array)
        #expect(line.popFirst() == nil)
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
        var random = SeededGenerator(seed: seed)
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
