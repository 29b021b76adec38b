// A test has its seeded random numbers from here.
@_exported public import WippyValues
