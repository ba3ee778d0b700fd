"""Every metric of leermix: a metric exists in this list or not at all. No label may hold personal data."""

from prometheus_client import Counter, Gauge, Histogram

READY = Gauge("leermix_ready", "1 when the service is ready, as /health/ready says at that moment.", ["service"])
HTTP_REQUESTS = Counter("leermix_http_requests_total", "Requests answered.", ["service", "method", "route", "status"])
HTTP_SECONDS = Histogram(
    "leermix_http_request_seconds",
    "Time from a request's first byte to its answer's last.",
    ["service", "method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
HTTP_IN_PROGRESS = Gauge("leermix_http_requests_in_progress", "Requests being answered now.", ["service"])
REFUSED = Counter("leermix_refused_total", "Requests refused, by the word in their answer.", ["service", "reason"])

STATEMENTS_ACCEPTED = Counter("leermix_statements_accepted_total", "Statements answered with 2xx.", ["kind"])
STATEMENTS_STORED = Counter("leermix_statements_stored_total", "Statements that the store kept.", [])
STORE_WAIT_SECONDS = Histogram(
    "leermix_store_wait_seconds",
    "Time a POST waited to be readable.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
)
STORE_WAIT_EXCEEDED = Counter("leermix_store_wait_exceeded_total", "POSTs answered before they were readable.", [])

LOG_APPENDED = Counter("leermix_log_appended_total", "Records appended to the event log.", ["topic"])
LOG_CONSUMED = Counter("leermix_log_consumed_total", "Records taken by a group.", ["group", "topic"])
LOG_LAG = Gauge(
    "leermix_log_lag",
    "Records still to be read by a group; control records do not count.",
    ["group", "topic", "partition"],
)
DEAD_LETTERS = Counter("leermix_dead_letters_total", "Records a group could not take.", ["group", "topic", "reason"])
GROUP_STOPPED = Gauge("leermix_group_stopped", "1 when a group has stopped and needs an operator.", ["group"])
GROUP_TOO_SLOW = Counter(
    "leermix_group_too_slow_total",
    "Transactions given up because PostgreSQL, which answers otherwise, did not do them in time; taken in parts.",
    ["group", "topic"],
)
GROUP_SECONDS = Histogram(
    "leermix_group_batch_seconds",
    "Time of one transaction of a group.",
    ["group"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LEARNING_EVENTS = Counter("leermix_learning_events_total", "Learning events derived.", ["mode"])
REPLAYED = Counter("leermix_replayed_statements_total", "Statements derived anew by a replay.", [])
SUGGESTIONS = Counter("leermix_suggestions_total", "Suggestions newly made.", ["mode"])
