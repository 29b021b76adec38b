local greetings: {[string]: string} = {en = "Hello", de = "Guten Tag", fr = "Bonjour"}

local words = {}

function words.greeting(language: string): string?
    return greetings[language]
end

return words
