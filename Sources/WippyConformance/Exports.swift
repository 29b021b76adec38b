// A test needs no second import for them.
@_exported public import WippyTestTools
