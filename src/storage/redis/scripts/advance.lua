--[[ advance: move a record on by one generation, for whoever holds the newest; tell it to who left one just now.
     KEYS[1] record   KEYS[2] companion   ARGV[1] generation held   ARGV[2] grace, in milliseconds
     ARGV[3] lifetime of both, in milliseconds   ARGV[4] nonce   ARGV[5] how many generations are remembered
     ARGV[6] what may be spent, 0 without limit   ARGV[7] within how long, in milliseconds
     ARGV[8] what a generation costs; being told of one costs 1
     returns the newest generation, 'stale', 'gone', or { milliseconds left } when it was asked too often
     Why a script: two requests at once must agree on what follows, and what is how old only the store's clock tells. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 'gone'
end
local generation, nonce, reached, asked, text = string.match(record, '^g(%d+):([^:%s]+):([%d,]+):?([%d,]*) (.*)$')
generation = tonumber(generation or 0)
local held, limit, time = tonumber(ARGV[1]), tonumber(ARGV[6]), redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local times = {}
for at in string.gmatch(reached or '', '%d+') do
  times[#times + 1] = at
end
if nonce == ARGV[4] and held == generation - 1 then
  return generation
elseif held < generation and now - (times[generation - held] or 0) >= tonumber(ARGV[2]) then
  return 'stale'
end
local count, since = string.match(asked or '', '^(%d+),(%d+)$')
if not since or now - since >= tonumber(ARGV[7]) or now < tonumber(since) then
  count, since = 0, now
end
if limit > 0 and tonumber(count) >= limit then
  return { since + ARGV[7] - now }
end
local cost = held < generation and 1 or ARGV[8]
asked = limit > 0 and string.format(':%d,%d ', count + cost, since) or ' '
if held < generation then
  if limit > 0 then
    redis.call('SET', KEYS[1], string.format('g%d:%s:%s', generation, nonce, reached) .. asked .. text, 'KEEPTTL')
  end
  return generation
end
local kept = { string.format('%d', now) }
for i = 1, held > generation and 0 or math.min(#times, ARGV[5] - 1) do
  kept[i + 1] = now - times[i] < tonumber(ARGV[2]) and times[i] or nil
end
local mark = string.format('g%d:%s:%s', held + 1, ARGV[4], table.concat(kept, ','))
redis.call('SET', KEYS[1], mark .. asked .. (text or record), 'PX', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3], 'GT')
return held + 1
