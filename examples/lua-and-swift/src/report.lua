local http = require("http")
local funcs = require("funcs")

local function report()
    local request, response = http.request(), http.response()
    local body, err = request:body_json()
    if err then
        response:set_status(http.STATUS.BAD_REQUEST)
        response:write_json({error = "invalid JSON"})
        return
    end
    local statistics, failed = funcs.call("app:statistics", {numbers = body.numbers})
    if failed then
        response:set_status(http.STATUS.UNPROCESSABLE)
        response:write_json({error = failed:message()})
        return
    end
    response:write_json(statistics)
end

return report
