local json = require("json")
local logger = require("logger")
local queue = require("queue")
local sql = require("sql")
local time = require("time")

local actions = {
    uppercase = function(data)
        return string.upper(data.text)
    end,
    sum = function(data)
        local total = 0
        for _, number in ipairs(data.numbers) do
            total = total + number
        end
        return total
    end,
}

-- If the function returns false or an error, or raises one, the message is tried again.
local function work(task)
    local attempt = queue.message():attempt()
    local action = actions[task.action]
    if not action then
        return nil, "there is no action '" .. task.action .. "'"
    end
    local result = action(task.data or {})

    local db, err = sql.get("app:db")
    if err then
        return nil, err
    end
    -- A message may come again after its work was done, so the same task is stored only once.
    local _, failed = db:execute(
        "INSERT OR IGNORE INTO tasks (id, action, status, result, attempts, finished_at) VALUES (?, ?, ?, ?, ?, ?)",
        {task.id, task.action, "completed", json.encode({output = result}), attempt, time.now():unix()})
    db:release()
    if failed then
        return nil, failed
    end
    logger:info("task done", {id = task.id, action = task.action})
end

return {main = work}
