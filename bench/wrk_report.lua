-- The last line of wrk's output: [requests, seconds, p99 in ms, failed]
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "[%d, %.6f, %.3f, %d]\n",
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
