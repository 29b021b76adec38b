-- The HTTP half of the task queue for nginx: a small answer, and tasks accepted onto a bounded queue in memory.
local cjson = require "cjson.safe"
local ffi = require "ffi"
local bit = require "bit"

ffi.cdef "long getrandom(void *buffer, size_t length, unsigned int flags);"

local MAX_LENGTH = 1000000
local PUBLISH_TIMEOUT = 5

local tasks = {}
local queue, first, last = {}, 1, 0
local random, used = ffi.new("uint8_t[4096]"), 4096

-- A UUID of version 4.
local function new_id()
    if used == 4096 then
        if ffi.C.getrandom(random, 4096, 0) ~= 4096 then error("no random bytes") end
        used = 0
    end
    local b = random + used
    used = used + 16
    b[6] = bit.bor(bit.band(b[6], 0x0f), 0x40)
    b[8] = bit.bor(bit.band(b[8], 0x3f), 0x80)
    return string.format("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15])
end

local function answer(status, value)
    local text = cjson.encode(value)
    ngx.status = status
    ngx.header.content_length = #text
    ngx.print(text)
end

-- Waits for room, no longer than PUBLISH_TIMEOUT.
local function publish(task)
    local deadline = ngx.now() + PUBLISH_TIMEOUT
    while last - first + 1 >= MAX_LENGTH do
        if ngx.now() >= deadline then return false end
        ngx.sleep(0.01)
    end
    last = last + 1
    queue[last] = task
    return true
end

function tasks.small()
    if ngx.req.get_method() ~= "GET" then
        ngx.header.allow = "GET"
        return answer(405, { error = "method not allowed" })
    end
    answer(200, { count = 42, status = "ready" })
end

function tasks.create()
    if ngx.req.get_method() ~= "POST" then
        ngx.header.allow = "POST"
        return answer(405, { error = "method not allowed" })
    end
    ngx.req.read_body()
    local text = ngx.req.get_body_data()
    if not text then
        local file = ngx.req.get_body_file()
        local handle = file and io.open(file, "rb")
        text = handle and handle:read("*a") or ""
        if handle then handle:close() end
    end
    local body, failure = cjson.decode(text)
    if failure then return answer(400, { error = "invalid JSON" }) end
    if type(body) ~= "table" or type(body.action) ~= "string" then
        return answer(400, { error = "action required" })
    end
    local id = new_id()
    local data = body.data
    if data == nil then data = {} end
    if not publish({ id = id, action = body.action, data = data, created_at = ngx.time() }) then
        return answer(503, { error = "queue full" })
    end
    answer(202, { id = id, status = "queued" })
end

return tasks
