local http = require("http")
local queue = require("queue")
local uuid = require("uuid")

local function answer(response, status, body)
    response:set_status(status)
    response:write_json(body)
end

local function handler()
    local request, response = http.request(), http.response()
    local body, err = request:body_json()
    if err then return answer(response, http.STATUS.BAD_REQUEST, {error = "invalid JSON"}) end
    if type(body) ~= "table" or type(body.action) ~= "string" then
        return answer(response, http.STATUS.BAD_REQUEST, {error = "action required"})
    end

    local id = uuid.v4()
    local task = {id = id, action = body.action, data = body.data or {}, created_at = os.time()}
    local _, refused = queue.publish("app:tasks_queue", task)
    if refused then return answer(response, http.STATUS.SERVICE_UNAVAILABLE, {error = "queue full"}) end
    answer(response, http.STATUS.ACCEPTED, {id = id, status = "queued"})
end

return {handler = handler}
