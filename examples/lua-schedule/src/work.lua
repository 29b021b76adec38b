local logger = require("logger")
local queue = require("queue")
local time = require("time")

-- A late one says by how much: its header has the second for which it was due.
local function work(body)
    local message = queue.message()
    local due = tonumber(message:header("x_scheduled_at")) or 0
    logger:info("chore done", {chore = body.chore, late = time.now():unix() - due})
end

return {main = work}
