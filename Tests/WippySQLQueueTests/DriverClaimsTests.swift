import Testing
import WippyRuntime
import WippyTesting

@testable import WippySQLQueue

@Suite("The claims of a durable driver")
struct DriverClaimsTests {
    private let folder: TemporaryFolder
    private let queue: SQLQueue
    private let claims = (1...2).map { Claim(row: $0, owner: 1, attempt: 1, uniqueUntil: nil) }

    init() throws {
        folder = try TemporaryFolder()
        queue = SQLQueueBench(file: "\(folder.path)/queue.db").queue()
    }

    private enum Step {
        case begin(suspects: Bool, allowed: Bool)
        case end, fail, restart, noStrays, pay
        case reserve(Bool)
        case claim([Int])
        case letGo(Int)
        case owe(Int)
        /// Ask for an event when no worker has a message.
        case wait
    }

    /// What a state shows.
    private struct View: Equatable, CustomStringConvertible {
        var inHand: Set<Int> = []
        var owesAny = false
        var running = 0
        var mayHaveStrays = false
        var known: Set<Int> = []
        var hasFired = false

        var description: String {
            "in hand \(inHand.sorted()), known \(known.sorted()), owes \(owesAny), running \(running), "
                + "strays \(mayHaveStrays), fired \(hasFired)"
        }
    }

    private func view(after steps: [Step]) -> View {
        var state = DriverClaims()
        let event = OneShotEvent()
        for step in steps {
            switch step {
            case .begin(let suspects, let allowed):
                let isAllowed = state.begin(ofSuspects: suspects)
                #expect(isAllowed == allowed)
            case .end: state.end()
            case .fail: state.didFail()
            case .restart: state.restart()
            case .noStrays: state.haveNoStrays()
            case .pay:
                let owed = state.takeOwed()
                #expect(owed != nil)
            case .reserve(let isReserved): state.isReserved = isReserved
            case .claim(let rows): state.didClaim(Set(rows.map { claims[$0 - 1] }))
            case .letGo(let row): state.didLetGo(claims[row - 1])?.fire()
            case .owe(let row): state.owe(claims[row - 1], to: queue)
            case .wait: state.whenIdle(event)?.fire()
            }
        }
        return View(
            inHand: Set(state.inHand.map(\.row)), owesAny: state.owesAny, running: state.running,
            mayHaveStrays: state.mayHaveStrays, known: Set(state.known.map(\.row)), hasFired: event.isFired)
    }

    @Test("Only suspects are claimed while the driver is reserved for one")
    func reserved() {
        #expect(view(after: [.begin(suspects: false, allowed: true)]) == View(running: 1))
        #expect(
            view(after: [
                .reserve(true), .begin(suspects: false, allowed: false), .begin(suspects: true, allowed: true), .end,
                .reserve(false), .begin(suspects: false, allowed: true),
            ]) == View(running: 1))
    }

    @Test("Who waits until no worker has a message is told once, at once if none has one")
    func idle() {
        #expect(view(after: [.wait]).hasFired)
        #expect(!view(after: [.claim([1, 2]), .wait, .letGo(1), .letGo(1)]).hasFired)
        #expect(view(after: [.claim([1, 2]), .wait, .letGo(1), .letGo(2)]) == View(hasFired: true))
    }

    @Test("A message that is owed is no stray, and no longer owed when it is claimed again or given back")
    func owed() {
        #expect(
            view(after: [.claim([1, 2]), .owe(1), .letGo(1)]) == View(inHand: [2], owesAny: true, known: [1, 2]))
        #expect(view(after: [.owe(1), .claim([1])]) == View(inHand: [1], known: [1]))
        #expect(view(after: [.owe(1), .owe(2), .pay, .pay]) == View())
    }

    @Test("A claim that failed may have left strays, until they were given back")
    func strays() {
        #expect(view(after: [.begin(suspects: false, allowed: true), .fail, .end]) == View(mayHaveStrays: true))
        #expect(view(after: [.fail, .noStrays]) == View())
    }

    @Test("A new run of the service knows no claims of the last one, except those that still run")
    func restarted() {
        #expect(
            view(after: [
                .begin(suspects: false, allowed: true), .claim([1]), .owe(2), .fail, .reserve(true), .restart,
                .begin(suspects: false, allowed: true),
            ]) == View(running: 2))
    }
}
