local http = require("http")
local sql = require("sql")

local function handler()
    local request, response = http.request(), http.response()
    local db, err = sql.get("app:db")
    if err then return nil, err end
    local select = sql.builder.select("id", "payload", "status", "result", "created_at", "processed_at")
        :from("tasks")
        :order_by("created_at DESC")
        :limit(100)
    local status = request:query("status")
    if status then select = select:where({status = status}) end
    local tasks, failed = select:run_with(db):query()
    db:release()
    if failed then return nil, failed end
    response:write_json({tasks = tasks, count = #tasks})
end

return {handler = handler}
