// A test gets its seeded random numbers from here.
@_exported public import WippyValues
