local http = require("http")

local function handler()
    local response = http.response()
    response:write_json({count = 42, status = "ready"})
end

return {handler = handler}
