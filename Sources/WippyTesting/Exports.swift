// A test needs no second import for them. WippyConformance exports WippyTestTools.
@_exported public import WippyConformance
