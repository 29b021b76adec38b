local http = require("http")
local origin = require("origin")
local slug = require("slug")

return function()
    local request, response = http.request(), http.response()
    response:write_json({slug = slug.of(request:query("text") or ""), origin = origin.text()})
end
