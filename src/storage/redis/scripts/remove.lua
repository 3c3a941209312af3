--[[ remove: remove records, all of them in one step.
     KEYS[1] answer, and behind it the records   ARGV[1] lifetime of the answer, in milliseconds
     returns how many were there
     Why a script: of several callers one must know that it removed a record, also when it asks again because the
     answer was lost. ]]
local known = redis.call('GET', KEYS[1])
if known then
  return tonumber(known)
end
local removed = redis.call('DEL', unpack(KEYS, 2))
if removed > 0 then
  redis.call('SET', KEYS[1], removed, 'PX', ARGV[1])
end
return removed
