--[[ advance: move a record on by one generation, for whoever holds the newest; tell it to who left one just now.
     KEYS[1] record   KEYS[2] companion   ARGV[1] generation held   ARGV[2] grace, in milliseconds
     ARGV[3] lifetime of both, in milliseconds   ARGV[4] nonce   ARGV[5] how many generations are remembered
     returns the newest generation, 'stale', or 'gone'
     Why a script: two requests at once must agree on what follows, and what is how old only the store's clock tells. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 'gone'
end
local generation, nonce, reached, text = string.match(record, '^g(%d+):(%S+):([%d,]+) (.*)$')
generation = tonumber(generation or 0)
local held, time = tonumber(ARGV[1]), redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local times = {}
for at in string.gmatch(reached or '', '%d+') do
  times[#times + 1] = at
end
if held < generation then
  local leftAt = times[generation - held]
  local isRepeated = nonce == ARGV[4] and held == generation - 1
  return (isRepeated or (leftAt and now - leftAt < tonumber(ARGV[2]))) and generation or 'stale'
end
local kept = { string.format('%d', now) }
for i = 1, held > generation and 0 or math.min(#times, ARGV[5] - 1) do
  kept[i + 1] = now - times[i] < tonumber(ARGV[2]) and times[i] or nil
end
local mark = string.format('g%d:%s:%s ', held + 1, ARGV[4], table.concat(kept, ','))
redis.call('SET', KEYS[1], mark .. (text or record), 'PX', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3], 'GT')
return held + 1
