local http = require("http")
local funcs = require("funcs")
local time = require("time")

local delays = {books = 10, films = 20, archives = 5000}

local function search()
    local results, missing = {}, {}
    local pending = {}
    local cases = {}
    for name, delay in pairs(delays) do
        local future = funcs.async("app:source", name, delay)
        pending[future:channel()] = name
    end

    -- One timer for all calls. A source that has not answered by then is left out, and its call is cancelled.
    local timeout = time.after("300ms")
    while next(pending) do
        cases = {timeout:case_receive()}
        for answers in pairs(pending) do
            cases[#cases + 1] = answers:case_receive()
        end
        local chosen = channel.select(cases)
        if chosen.channel == timeout then
            break
        end
        results[pending[chosen.channel]] = chosen.value:data()
        pending[chosen.channel] = nil
    end
    for _, name in pairs(pending) do
        missing[#missing + 1] = name
    end
    http.response():write_json({results = results, missing = missing})
end

return search
