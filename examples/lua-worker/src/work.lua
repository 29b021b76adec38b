local logger = require("logger")

-- Does the work of one job. Here it writes a line.
--
-- A job may come twice, so make the work safe to repeat. A failed job comes again.
local function work(job)
    if type(job.number) ~= "number" then
        return nil, "a job needs a number"
    end
    logger:info("worked", {job = job.number})
end

return {main = work}
