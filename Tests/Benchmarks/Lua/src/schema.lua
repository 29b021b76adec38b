local sql = require("sql")

local function main()
    local db, err = sql.get("app:db")
    if err then error(err) end
    for _, statement in ipairs({
        [[CREATE TABLE IF NOT EXISTS tasks (
            id TEXT PRIMARY KEY,
            payload TEXT NOT NULL,
            status TEXT NOT NULL DEFAULT 'pending',
            result TEXT,
            created_at INTEGER NOT NULL,
            processed_at INTEGER
        )]],
        "CREATE INDEX IF NOT EXISTS tasks_created_at ON tasks (created_at)",
    }) do
        local _, failed = db:execute(statement)
        if failed then error(failed) end
    end
    db:release()
end

return {main = main}
