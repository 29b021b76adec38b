local http = require("http")
local queue = require("queue")
local uuid = require("uuid")

local function add()
    local request, response = http.request(), http.response()
    local body, err = request:body_json()
    if err or type(body) ~= "table" or type(body.action) ~= "string" then
        response:set_status(http.STATUS.BAD_REQUEST)
        response:write_json({error = err and "invalid JSON" or "action required"})
        return
    end

    local task = {id = uuid.v7(), action = body.action, data = body.data}
    local _, refused = queue.publish("app:tasks", task)
    if refused then
        -- The client can try again after a temporary error.
        response:set_status(http.STATUS.SERVICE_UNAVAILABLE)
        response:write_json({error = "the queue is full"})
        return
    end
    response:set_status(http.STATUS.ACCEPTED)
    response:write_json({id = task.id})
end

return add
