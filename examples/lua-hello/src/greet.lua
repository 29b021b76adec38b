local http = require("http")
local words = require("words")

-- Types are for readers. Nothing checks them, and they cost nothing.
local function greet(): (boolean?, error?)
    local request, err = http.request()
    if err then
        return nil, err
    end
    local name: string = request:param("name")
    local language: string = request:query("language") or "en"

    local greeting = words.greeting(language)
    local response = http.response()
    if not greeting then
        response:set_status(http.STATUS.NOT_FOUND)
        response:write_json({error = "no greeting in this language"})
        return
    end
    response:write_json({text = greeting .. ", " .. name})
end

return greet
