local http = require("http")
local sql = require("sql")

local function list()
    local request, response = http.request(), http.response()
    local db, err = sql.get("app:db")
    if err then
        return nil, err
    end
    local select = sql.builder.select("id", "action", "status", "result", "attempts", "finished_at")
        :from("tasks")
        :order_by("finished_at DESC", "id")
        :limit(100)
    for _, name in ipairs({"action", "status"}) do
        local wanted = request:query(name)
        if wanted then
            select = select:where({[name] = wanted})
        end
    end
    local tasks, failed = select:run_with(db):query()
    db:release()
    if failed then
        return nil, failed
    end
    response:write_json({tasks = tasks, count = #tasks})
end

return list
