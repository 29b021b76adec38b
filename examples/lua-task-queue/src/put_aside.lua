local json = require("json")
local queue = require("queue")
local sql = require("sql")
local time = require("time")

-- The headers of the queue hold the reason and the number of attempts.
local function put_aside(task)
    local message = queue.message()
    local reason = message:header("x_dead_letter_reason")
    local attempts = message:header("x_attempts")

    local db, err = sql.get("app:db")
    if err then
        return nil, err
    end
    local _, failed = db:execute(
        "INSERT OR IGNORE INTO tasks (id, action, status, result, attempts, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
        {task.id, task.action, "failed", json.encode({error = reason}), attempts, time.now():unix()})
    db:release()
    if failed then
        return nil, failed
    end
end

return {main = put_aside}
