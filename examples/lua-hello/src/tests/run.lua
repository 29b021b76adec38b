local io = require("io")
local words = require("words")

-- Each has a sentence that should hold, and fails by an error.
local tests = {
    {"whom nothing is said about is greeted in English", function()
        assert(words.greeting("en") == "Hello")
    end},
    {"there is no greeting in a language that nobody knows", function()
        assert(words.greeting("tlh") == nil)
    end},
}

-- Returns how many tests have failed, which is the exit status.
local function main(): integer
    local failures = 0
    for _, test in ipairs(tests) do
        local sentence, run = test[1], test[2]
        local passed, reason = pcall(run)
        if passed then
            io.print("passed", sentence)
        else
            failures = failures + 1
            io.print("FAILED", sentence, reason)
        end
    end
    io.print(#tests - failures .. " passed, " .. failures .. " failed")
    return failures
end

return {main = main}
