local io = require("io")
local words = require("words")

-- Each test has a name and a function, which raises an error if the test fails.
local tests = {
    {"the default language is English", function()
        assert(words.greeting("en") == "Hello")
    end},
    {"an unknown language has no greeting", function()
        assert(words.greeting("tlh") == nil)
    end},
}

-- Returns the number of failed tests, which becomes the exit status.
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
