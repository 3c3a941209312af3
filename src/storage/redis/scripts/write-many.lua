--[[ writeMany: what several callers write and discard in one turn, in their order.
     KEYS[1] and behind it the records   ARGV[1] its new value, or nothing to remove it   ARGV[2] its lifetime, in
     milliseconds, 0 for ever   and so on for each
     returns nothing
     Why a script: each command costs the client more than what it does costs Redis. May be sent again. ]]
local function change(key, value, ttl)
  if value == '' then
    redis.call('DEL', key)
  elseif ttl == '0' then
    redis.call('SET', key, value)
  else
    redis.call('SET', key, value, 'PX', ttl)
  end
end

change(KEYS[1], ARGV[1], ARGV[2])
for index = 2, #KEYS do
  change(KEYS[index], ARGV[2 * index - 1], ARGV[2 * index])
end
