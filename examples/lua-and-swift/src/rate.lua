-- A script is a good place for rules that change often.
return function(order)
    if order.amount >= 1000 then
        return "by hand"
    end
    return "at once"
end
