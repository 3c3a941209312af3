--[[ rotate: use up a refresh token and write its successor.
     KEYS[1] token   KEYS[2] successor   ARGV[1] client   ARGV[2] now   ARGV[3] lifetime, in seconds
     returns the record, or nothing when the token is gone, used, or of another client ]]
local record = redis.call('GET', KEYS[1])
if not record or string.sub(record, 1, 1) ~= '{' or cjson.decode(record).clientId ~= ARGV[1] then
  return nil
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. record, 'KEEPTTL')
redis.call('SET', KEYS[2], record, 'EX', ARGV[3])
return record
