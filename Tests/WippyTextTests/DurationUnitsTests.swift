import Testing
import WippyText

@Suite("A duration in whole units")
struct DurationUnitsTests {
    @Test(
        "Nanoseconds lose a fraction, and milliseconds are rounded up",
        arguments: [
            (Duration.zero, 0, 0), (.nanoseconds(1), 1, 1), (.milliseconds(1), 1_000_000, 1),
            (Duration(secondsComponent: 0, attosecondsComponent: 1), 0, 1),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_000_000_500_000_000), 1_000_000, 2),
            (.milliseconds(-1.5), -1_500_000, -1), (.days(1), 86_400_000_000_000, 86_400_000),
            (.seconds(Int64.max), .max, .max), (.seconds(Int64.min), .min, .min),
        ])
    func counts(duration: Duration, nanoseconds: Int, milliseconds: Int) {
        #expect(duration.wholeNanoseconds == nanoseconds)
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test("Only a duration without a fraction of a second has exact seconds")
    func seconds() {
        #expect(Duration.days(2).exactSeconds == 172_800)
        #expect(Duration.milliseconds(1500).exactSeconds == nil)
    }
}
