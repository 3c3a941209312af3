--[[ writeMany: what several callers write and discard in one turn, in their order.
     KEYS[1] and behind it the names, which may be the same   and for each of them
     ARGV[1] what is done: set and exchange write a record, remove one, add a member to a set, extend what is there
     ARGV[2] the value, or the member   ARGV[3] its lifetime, in milliseconds, 0 for ever; to add and to extend, at least
     returns what was exchanged, in order; null where nothing was
     Why a script: each command costs the client more than what it does costs Redis, and a crash between adding to a set
     and its lifetime would leave one that never goes. May be sent again. ]]
local exchanged = {}

local kinds = {}

function kinds.set(key, value, ttl)
  if ttl == '0' then
    redis.call('SET', key, value)
  else
    redis.call('SET', key, value, 'PX', ttl)
  end
end

function kinds.exchange(key, value, ttl)
  exchanged[#exchanged + 1] = redis.call('SET', key, value, 'PX', ttl, 'GET')
end

function kinds.remove(key)
  redis.call('DEL', key)
end

-- PEXPIRE … GT alone cannot do it: to GT a set that was just created, and has no lifetime yet, lives for ever already.
function kinds.add(key, member, ttl)
  redis.call('SADD', key, member)
  if redis.call('PTTL', key) < tonumber(ttl) then
    redis.call('PEXPIRE', key, ttl)
  end
end

-- GT takes a key without a lifetime for infinite, and does nothing where no key is.
function kinds.extend(key, _, ttl)
  redis.call('PEXPIRE', key, ttl, 'GT')
end

kinds[ARGV[1]](KEYS[1], ARGV[2], ARGV[3])
for index = 2, #KEYS do
  kinds[ARGV[3 * index - 2]](KEYS[index], ARGV[3 * index - 1], ARGV[3 * index])
end
return exchanged
