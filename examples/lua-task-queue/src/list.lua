local http = require("http")
local sql = require("sql")

local function list()
    local request, response = http.request(), http.response()
    local db, err = sql.get("app:db")
    if err then
        return nil, err
    end
    local select = sql.builder.select("id", "action", "result", "attempts", "finished_at")
        :from("tasks")
        :order_by("finished_at DESC", "id")
        :limit(100)
    local action = request:query("action")
    if action then
        select = select:where({action = action})
    end
    local tasks, failed = select:run_with(db):query()
    db:release()
    if failed then
        return nil, failed
    end
    response:write_json({tasks = tasks, count = #tasks})
end

return list
