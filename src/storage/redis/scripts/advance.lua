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
local mark = '^g(%d+):([^:%s]+):([%d,]+):?([%d,]*):?(%d*) (.*)$'
local generation, nonce, reached, asked, shared, text = string.match(record, mark)
generation = tonumber(generation or 0)
-- The oldest generation that is as good as the newest, where several were told of it.
shared = tonumber(shared or '')
local held, limit, time = tonumber(ARGV[1]), tonumber(ARGV[6]), redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local times = {}
for at in string.gmatch(reached or '', '%d+') do
  times[#times + 1] = at
end
if nonce == ARGV[4] and held < generation then
  return generation
end
local forgiven = held < generation and now - (times[generation - held] or 0) < tonumber(ARGV[2])
if not forgiven and held < (shared or generation) then
  return 'stale'
end
local count, since = string.match(asked or '', '^(%d+),(%d+)$')
if not since or now - since >= tonumber(ARGV[7]) or now < tonumber(since) then
  count, since = 0, now
end
if limit > 0 and tonumber(count) >= limit then
  return { since + ARGV[7] - now }
end
asked = limit > 0 and string.format('%d,%d', count + (forgiven and 1 or ARGV[8]), since) or ''
local function write(newest, by, at, oldest, ...)
  local parts = string.format('g%d:%s:%s:%s:%s ', newest, by, at, asked, oldest or '')
  redis.call('SET', KEYS[1], string.gsub(parts, ':+ $', ' ') .. (text or record), ...)
  return newest
end
if forgiven then
  return (limit > 0 or not shared) and write(generation, nonce, reached, shared or generation, 'KEEPTTL') or generation
end
local kept = { string.format('%d', now) }
local next, oldest = math.max(held, generation) + 1, nil
for i = 1, held > generation and 0 or math.min(#times, ARGV[5] - 1) do
  kept[i + 1] = now - times[i] < tonumber(ARGV[2]) and times[i] or nil
end
if held <= generation and #kept == 1 then
  -- All that were as good as the newest are left now.
  for i = 1, generation - (shared or generation) do kept[i + 1] = kept[1] end
elseif held <= generation and shared then
  -- No longer than the grace: otherwise a stolen one would live for as long as its owner is busy.
  oldest = math.max(shared, next + 1 - #kept)
end
redis.call('PEXPIRE', KEYS[2], ARGV[3], 'GT')
return write(next, ARGV[4], table.concat(kept, ','), oldest, 'PX', ARGV[3])
