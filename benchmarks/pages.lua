-- For wrk: a page for each of the browsers whose cookies are in a file, one a line, in turn. Prints what came of it as
-- JSON after "@@", times in microseconds.
local asked, number, count = {}, 0, 0
local threads = 0

function setup(thread)
  thread:set("begin", threads * 7)
  threads = threads + 1
end

function init(arguments)
  for cookie in io.lines(arguments[2]) do
    count = count + 1
    asked[count] = wrk.format("GET", arguments[1], {
      ["Accept"] = "text/html",
      ["Accept-Encoding"] = "gzip, deflate, br, zstd",
      ["Accept-Language"] = "en-GB,en;q=0.9",
      ["Cookie"] = "session=" .. cookie,
    })
  end
  number = begin
end

function request()
  number = number + 1
  return asked[number % count + 1]
end

function done(summary, latency)
  local wrong = summary.errors
  io.write(string.format(
    '@@{"requests":%d,"us":%d,"bytes":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout,
    latency:percentile(50), latency:percentile(99)))
end
