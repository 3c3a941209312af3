--[[ advance: move a record on by one generation, for whoever holds the newest; tell it to who left one just now.
     KEYS[1] record   KEYS[2] extended   ARGV[1] generation held   ARGV[2] grace, in milliseconds
     ARGV[3] lifetime of both, in milliseconds   ARGV[4] nonce   ARGV[5] how many generations are remembered
     ARGV[6] what may be spent, 0 without limit   ARGV[7] within how long, in milliseconds
     ARGV[8] what a generation costs; being told of one costs 1
     returns the newest generation, 'stale', 'gone', or { milliseconds left } when it was asked too often
     Why a script: two requests at once must agree on what follows, and what is how old only the store's clock tells. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 'gone'
end
local mark = '^g(%d+):([^:%s]+):([%d,]+):?([%d,]*):?(%d*) ()'
local generation, nonce, reached, asked, shared, from = string.match(record, mark)
generation, reached = tonumber(generation or 0), reached or ''
-- When each was reached, the newest first: 13 digits and a comma, read where they stand because they may be many.
-- `shared`: the oldest generation that is as good as the newest, where several were told of it.
shared = tonumber(shared or '')
local held, limit, time = tonumber(ARGV[1]), tonumber(ARGV[6]), redis.call('TIME')
local now, grace = time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[2])
local function isForgiven(place)
  return now - (tonumber(string.sub(reached, 14 * place - 13, 14 * place - 1)) or 0) < grace
end
if nonce == ARGV[4] and held < generation then
  return generation
end
local forgiven = held < generation and isForgiven(generation - held)
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
asked = limit > 0 and string.format(':%d,%d', count + (forgiven and 1 or ARGV[8]), since) or ''
local function write(newest, by, at, oldest, ...)
  local tail = oldest and (asked == '' and ':' or asked) .. ':' .. oldest or asked
  local text = string.sub(record, from or 1)
  redis.call('SET', KEYS[1], string.format('g%d:%s:%s%s ', newest, by, at, tail) .. text, ...)
  return newest
end
if forgiven then
  return (limit > 0 or not shared) and write(generation, nonce, reached, shared or generation, 'KEEPTTL') or generation
end
local at, kept = string.format('%d', now), math.floor(math.min((#reached + 1) / 14, ARGV[5] - 1))
local next, oldest = math.max(held, generation) + 1, nil
while kept > 0 and (held > generation or not isForgiven(kept)) do kept = kept - 1 end
local times = kept > 0 and at .. ',' .. string.sub(reached, 1, 14 * kept - 1) or at
if held <= generation and kept == 0 then
  -- All that were as good as the newest are left now.
  times = at .. string.rep(',' .. at, generation - (shared or generation))
elseif held <= generation and shared then
  -- No longer than the grace: otherwise a stolen one would live for as long as its owner is busy.
  oldest = math.max(shared, next - kept)
end
redis.call('PEXPIRE', KEYS[2], ARGV[3], 'GT')
return write(next, ARGV[4], times, oldest, 'PX', ARGV[3])
