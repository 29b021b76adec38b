local sql = require("sql")

-- A process. It is done when it returns nothing or 0. After an error its service starts it again.
local function main()
    local db, err = sql.get("app:db")
    if err then
        error(err)
    end
    local _, failed = db:execute([[
        CREATE TABLE IF NOT EXISTS tasks (
            id TEXT PRIMARY KEY,
            action TEXT NOT NULL,
            status TEXT NOT NULL,
            result TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            finished_at INTEGER NOT NULL
        )
    ]])
    db:release()
    if failed then
        error(failed)
    end
end

return {main = main}
