local funcs = require("funcs")
local io = require("io")

-- Each test has a name and a function, which raises an error if the test fails.
local tests = {
    {"a job is done", function()
        local _, err = funcs.call("app:work", {number = 1})
        assert(not err, err)
    end},
    {"a job without a number fails", function()
        local _, err = funcs.call("app:work", {})
        assert(err and tostring(err) == "a job needs a number", err)
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
