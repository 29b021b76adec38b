local logger = require("logger")
local queue = require("queue")
local time = require("time")

-- If a message is late, this logs how late. A header has the second at which the message was due.
local function work(body)
    local message = queue.message()
    local due = tonumber(message:header("x_scheduled_at")) or 0
    logger:info("chore done", {chore = body.chore, late = time.now():unix() - due})
end

return {main = work}
