local time = require("time")

return function(name, delay)
    time.sleep(delay .. "ms")
    return "found in " .. name
end
