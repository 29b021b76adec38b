local queue = require("queue")
local time = require("time")

-- A process. It runs until its service stops it, which ends its sleep.
local function main(interval: string)
    local number = 0
    while true do
        time.sleep(interval)
        number = number + 1
        local _, err = queue.publish("app:jobs", {number = number})
        if err then
            error(err)
        end
    end
end

return {main = main}
