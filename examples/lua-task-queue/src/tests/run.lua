local io = require("io")
local json = require("json")
local queue = require("queue")
local sql = require("sql")
local time = require("time")
local uuid = require("uuid")

-- Publishes a task and waits up to ten seconds for its row.
local function finished(action: string, data: any): any
    local id = uuid.v7()
    assert(queue.publish("app:tasks", {id = id, action = action, data = data}))
    local db = assert(sql.get("app:db"))
    for _ = 1, 1000 do
        local rows = assert(db:query("SELECT status, result, attempts FROM tasks WHERE id = ?", {id}))
        if rows[1] then
            return rows[1]
        end
        time.sleep("10ms")
    end
    error("the task has no row after ten seconds")
end

-- Each test has a name and a function, which raises an error if the test fails.
local tests = {
    {"a task is done, and its result is stored", function()
        local task = finished("uppercase", {text = "hello"})
        assert(task.status == "completed" and json.decode(task.result).output == "HELLO", task.result)
    end},
    {"a task with an unknown action is tried five times and put aside", function()
        local task = finished("dance")
        assert(task.status == "failed" and task.attempts == 5, task.status)
        assert(task.result:find("no action 'dance'", 1, true), task.result)
    end},
}

-- Returns the number of failed tests, which becomes the exit status.
local function main(): integer
    local failures = 0
    for _, test in ipairs(tests) do
        local sentence, run = test[1], test[2]
        local passed, reason = pcall(run)
        if passed then
            io.print("passed", sentence)
        else
            failures = failures + 1
            io.print("FAILED", sentence, reason)
        end
    end
    io.print(#tests - failures .. " passed, " .. failures .. " failed")
    return failures
end

return {main = main}
