local json = require("json")
local sql = require("sql")

local function output(task)
    local data = task.data or {}
    if task.action == "uppercase" then return string.upper(data.text or "") end
    if task.action ~= "sum" then return "processed" end
    local total = 0
    for _, number in ipairs(data.numbers or {}) do total = total + number end
    return total
end

local function main(task)
    local db, err = sql.get("app:db")
    if err then return nil, err end
    local _, failed = db:execute(
        [[INSERT INTO tasks (id, payload, status, result, created_at, processed_at)
            VALUES (?, ?, 'completed', ?, ?, ?)
            ON CONFLICT (id) DO NOTHING]],
        {task.id, json.encode(task), json.encode({output = output(task)}), task.created_at, os.time()})
    db:release()
    if failed then return nil, failed end
    return true
end

return {main = main}
