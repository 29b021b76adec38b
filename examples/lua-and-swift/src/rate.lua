-- Rules that change often are quick to change in a script.
return function(order)
    if order.amount >= 1000 then
        return "by hand"
    end
    return "at once"
end
