return function(input)
    local sum = 0
    for _, number in ipairs(input.numbers) do
        sum = sum + number
    end
    return {count = #input.numbers, mean = sum / #input.numbers, by = "Lua"}
end
