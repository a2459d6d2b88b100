/**
 * What a task store does in Redis, each as one step there, by the clock of Redis. A task is a hash, which Redis forgets when its time is
 * over; sorted sets beside it say whose it is (by the time of creation), when it ends, and how long its worker holds it.
 *
 * Scripts may run twice: what was done already is recognized by the mark that each change bears.
 */

import { createScript, type Script } from "./script.js";

/** Parts of a record that may be big: each is sent only where it changed. Their order is that of the scripts. */
export const PARTS = ["params", "outcome", "kept", "answers"] as const;

export type Part = (typeof PARTS)[number];

/** Numbers of many digits are written out: as a number of Lua they would be rounded. */
const COMMON = `
local p = KEYS[1]
local ends, held = p .. "tasks:ends", p .. "tasks:held"
local function task(id) return p .. "task:" .. id end
local function owned(owner) return p .. "tasks:of:" .. owner end
local function digits(number) return string.format("%.0f", number) end
local function micros()
  local time = redis.call("TIME")
  return time[1] * 1000000 + time[2]
end
local function now() return math.floor(micros() / 1000) end
local function forget(id, owner)
  redis.call("DEL", task(id))
  redis.call("ZREM", ends, id .. "\\n" .. owner)
  redis.call("ZREM", held, id)
  redis.call("ZREM", owned(owner), id)
  redis.call("PUBLISH", task(id), "")
end
local function sweep(time)
  for _, member in ipairs(redis.call("ZRANGEBYSCORE", ends, "-inf", digits(time), "LIMIT", 0, 200)) do
    forget(string.match(member, "^(.*)\\n([^\\n]*)$"))
  end
end
local function limit(id, owner, born, ttl)
  if ttl == "" then
    redis.call("PERSIST", task(id))
    redis.call("ZADD", ends, "+inf", id .. "\\n" .. owner)
  else
    local at = digits(born + ttl)
    redis.call("PEXPIREAT", task(id), at)
    redis.call("ZADD", ends, at, id .. "\\n" .. owner)
  end
end
local function read(id, known)
  local row = redis.call("HMGET", task(id), "v", "head", "p1", "p2", "p3", "p4")
  if not row[1] then return false end
  local found = {row[1], row[2]}
  for i = 1, 4 do
    local same = known and known[i] == row[i + 2]
    found[i + 2] = {row[i + 2], not same and redis.call("HGET", task(id), "b" .. i)}
  end
  found[7] = redis.call("PTTL", task(id))
  return found
end
`;

/** id, owner, hold, ttl, tasks at most, of the owner at most, mark, worker, head, 4 parts → 1; 0 for no room; −1 for an id that is taken. */
export const CREATE: Script = createScript(`${COMMON}
local id, owner, ttl = ARGV[1], ARGV[2], ARGV[4]
local mark = redis.call("HGET", task(id), "mark")
if mark then return mark == ARGV[7] and 1 or -1 end
local time = micros()
local born = math.floor(time / 1000)
sweep(born)
if redis.call("ZCARD", ends) >= tonumber(ARGV[5]) then return 0 end
if owner ~= "" then
  if redis.call("ZCARD", owned(owner)) >= tonumber(ARGV[6]) then return 0 end
  local last = redis.call("ZREVRANGE", owned(owner), 0, 0, "WITHSCORES")[2]
  if last and tonumber(last) >= time then time = last + 1 end
  redis.call("ZADD", owned(owner), digits(time), id)
end
redis.call("HSET", task(id), "v", "1", "mark", ARGV[7], "owner", owner, "born", digits(born), "ttl", ttl,
  "worker", ARGV[8], "final", "0", "head", ARGV[9],
  "p1", "1", "b1", ARGV[10], "p2", "1", "b2", ARGV[11], "p3", "1", "b3", ARGV[12], "p4", "1", "b4", ARGV[13])
redis.call("ZADD", held, digits(born + ARGV[3]), id)
limit(id, owner, born, ttl)
return 1`);

/** id, then the version at which each part is known, or nothing → version, head, parts with their versions, milliseconds left. */
export const READ: Script = createScript(`${COMMON}
return read(ARGV[1], {ARGV[2], ARGV[3], ARGV[4], ARGV[5]})`);

/**
 * id, version, mark, worker, final, ttl, hold, head, then for each part the version at which it was written and its text, or nothing
 * where it is as it was → 1; 0 where it may not be replaced; −1 where a part is not the one that was taken to be there.
 */
export const REPLACE: Script = createScript(`${COMMON}
local id, version = ARGV[1], ARGV[2]
local row = redis.call("HMGET", task(id), "v", "mark", "worker", "ttl", "born", "owner", "p1", "p2", "p3", "p4")
if not row[1] then return 0 end
if row[2] == ARGV[3] then return 1 end
if tonumber(row[1]) ~= tonumber(version) - 1 then return 0 end
local time = now()
if row[3] ~= ARGV[4] then
  local untilWhen = redis.call("ZSCORE", held, id)
  if untilWhen and tonumber(untilWhen) > time then return 0 end
end
for i = 1, 4 do
  if ARGV[7 + 2 * i] ~= version and ARGV[7 + 2 * i] ~= row[6 + i] then return -1 end
end
redis.call("HSET", task(id), "v", version, "mark", ARGV[3], "worker", ARGV[4], "final", ARGV[5], "head", ARGV[8])
for i = 1, 4 do
  if ARGV[7 + 2 * i] == version then
    redis.call("HSET", task(id), "p" .. i, version, "b" .. i, ARGV[8 + 2 * i])
  end
end
if ARGV[6] ~= row[4] then
  redis.call("HSET", task(id), "ttl", ARGV[6])
  limit(id, row[6], row[5], ARGV[6])
end
if ARGV[5] == "1" then redis.call("ZREM", held, id)
elseif ARGV[7] ~= "" then redis.call("ZADD", held, digits(time + ARGV[7]), id) end
redis.call("PUBLISH", task(id), version)
return 1`);

/** owner, place, how many → place and head of each, and of one more if there is one. What has expired is passed over. */
export const LIST: Script = createScript(`${COMMON}
sweep(now())
local found, after, wanted = {}, ARGV[2], tonumber(ARGV[3]) + 1
while #found < wanted do
  local ids = redis.call("ZRANGEBYSCORE", owned(ARGV[1]), "(" .. after, "+inf", "WITHSCORES", "LIMIT", 0, 100)
  if #ids == 0 then break end
  for i = 1, #ids, 2 do
    after = ids[i + 1]
    local head = redis.call("HGET", task(ids[i]), "head")
    if head then found[#found + 1] = {after, head} else redis.call("ZREM", owned(ARGV[1]), ids[i]) end
    if #found == wanted then break end
  end
end
return found`);

export const REMOVE: Script = createScript(`${COMMON}
local owner = redis.call("HGET", task(ARGV[1]), "owner")
if owner then forget(ARGV[1], owner) end
return 1`);

/** worker, hold, ids → those that it does not hold. */
export const HOLD: Script = createScript(`${COMMON}
local time, lost = now(), {}
for i = 3, #ARGV do
  local row = redis.call("HMGET", task(ARGV[i]), "worker", "final")
  if row[1] == ARGV[1] and row[2] == "0" then redis.call("ZADD", held, digits(time + ARGV[2]), ARGV[i])
  else lost[#lost + 1] = ARGV[i] end
end
return lost`);

/** how many, how many before them → ids of tasks that nobody holds. */
export const ABANDONED: Script = createScript(`${COMMON}
local time, found = now(), {}
sweep(time)
for _, id in ipairs(redis.call("ZRANGEBYSCORE", held, "-inf", digits(time), "LIMIT", ARGV[2], ARGV[1])) do
  if redis.call("EXISTS", task(id)) == 1 then found[#found + 1] = id else redis.call("ZREM", held, id) end
end
return found`);
