local http = require("http")

local function squares()
    local count = tonumber(http.request():param("count")) or 0
    local numbers, answers = channel.new(), channel.new(4)

    -- The workers take numbers until the channel is closed.
    for _ = 1, 4 do
        coroutine.spawn(function()
            while true do
                local number, ok = numbers:receive()
                if not ok then
                    return
                end
                answers:send({number, number * number})
            end
        end)
    end
    coroutine.spawn(function()
        for number = 1, count do
            numbers:send(number)
        end
        numbers:close()
    end)

    local list = {}
    for _ = 1, count do
        local answer = answers:receive()
        list[answer[1]] = answer[2]
    end
    http.response():write_json({squares = list})
end

return squares
