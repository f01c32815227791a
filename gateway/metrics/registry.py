"""Every figure that there is, with its labels. No label holds what a customer can choose.

docs/metrics.md is the table of them. What happens often is counted where it happens; what has to be
looked up in the store is set by `gateway.metrics.looking`.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY: Final = CollectorRegistry()
"""Our own, so that no library adds to it."""

ProcessCollector(registry=REGISTRY)

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

HTTP: Final = Histogram(
    "trunkline_http_request_seconds",
    "Time from a request to the end of its answer; an open live feed counts when it ends.",
    ("method", "route", "status"),
    buckets=SECONDS,
    registry=REGISTRY,
)
STORE: Final = Gauge(
    "trunkline_store_answer_seconds",
    "Time of the last look whether the store answers; -1 while it does not.",
    registry=REGISTRY,
)
ROUND_TRIPS: Final = Histogram(
    "trunkline_store_round_trip_seconds",
    "Time of a round trip of the group commit.",
    buckets=SECONDS,
    registry=REGISTRY,
)
OPERATIONS: Final = Histogram(
    "trunkline_store_round_trip_operations",
    "How many operations shared a round trip of the group commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
    registry=REGISTRY,
)
INBOUND: Final = Counter(
    "trunkline_inbound",
    "What came from platforms, by what became of it: accepted, known (accepted before), limited and"
    " blocked were not kept; set_aside could not be understood, buried could not be carried out.",
    ("inbox", "outcome"),
    registry=REGISTRY,
)
INBOX: Final = Gauge(
    "trunkline_inbox_state",
    "1 for the state in which an inbox is: starting, running, waiting, paused, stopped or away.",
    ("inbox", "state"),
    registry=REGISTRY,
)
RESTARTS: Final = Gauge(
    "trunkline_inbox_restarts",
    "How often the inbox has begun anew since the start of its process.",
    ("inbox",),
    registry=REGISTRY,
)
EVENTS: Final = Counter(
    "trunkline_events",
    "What happened, by kind: in a message came, out one is to be sent; sent, delivered, read,"
    " failed or unknown is what became of one; and the others of the live feed.",
    ("kind",),
    registry=REGISTRY,
)
MISSED: Final = Counter(
    "trunkline_events_missed",
    "Times at which events had left the live feed before they were counted.",
    registry=REGISTRY,
)
LANES: Final = Gauge(
    "trunkline_lanes",
    "Lanes with something in them: threads that wait for work of this kind.",
    ("inbox", "kind"),
    registry=REGISTRY,
)
OVERDUE: Final = Gauge(
    "trunkline_lane_overdue_seconds",
    "For how long the lane that has waited longest could have been taken; 0 if none waits.",
    ("inbox", "kind"),
    registry=REGISTRY,
)
BUDGET: Final = Gauge(
    "trunkline_budget_used_ratio",
    "How much is used of what the platform lets the inbox send: of `account`, and of the fullest"
    " of its other budgets by their kind, such as `chat`. None: nothing is.",
    ("inbox", "budget"),
    registry=REGISTRY,
)
BUDGET_WAIT: Final = Gauge(
    "trunkline_budget_wait_seconds",
    "How long what is to be sent now waits for its turn there; the longest of its kind.",
    ("inbox", "budget"),
    registry=REGISTRY,
)
VIEW: Final = Gauge(
    "trunkline_open_conversations",
    "Legs that are listed in a view.",
    ("view",),
    registry=REGISTRY,
)
RELAY: Final = Gauge(
    "trunkline_live_lag_seconds",
    "Between the newest event of a partition and the newest one in the live feed.",
    registry=REGISTRY,
)
LAG: Final = Gauge(
    "trunkline_follower_lag_seconds",
    "For how long the oldest event has waited that a part of this process has not done with yet.",
    ("follower",),
    registry=REGISTRY,
)
BEHIND: Final = Gauge(
    "trunkline_follower_behind_events",
    "How many events it has not done with yet; 1000 are as many or more.",
    ("follower",),
    registry=REGISTRY,
)
LISTENERS: Final = Gauge(
    "trunkline_live_listeners",
    "Live feeds that clients of this process have open.",
    registry=REGISTRY,
)
DELIVERIES: Final = Gauge(
    "trunkline_webhook_deliveries_waiting",
    "Deliveries to webhooks that are due or are to be tried again.",
    registry=REGISTRY,
)
ENDPOINTS: Final = Gauge(
    "trunkline_webhook_endpoints",
    "Webhooks by state: active, paused by a person, disabled because they failed.",
    ("state",),
    registry=REGISTRY,
)
ATTEMPTS: Final = Counter(
    "trunkline_webhook_attempts",
    "Attempts to deliver to a webhook: delivered, or failed.",
    ("outcome",),
    registry=REGISTRY,
)
JOURNAL: Final = Gauge(
    "trunkline_journal_bytes",
    "Size of what is recorded of an inbox.",
    ("inbox",),
    registry=REGISTRY,
)
TASKS: Final = Gauge(
    "trunkline_tasks",
    "Tasks of the event loop: what is being done, and what waits for something.",
    registry=REGISTRY,
)
SHARE: Final = Gauge(
    "trunkline_intake_share",
    "Which part of its usual room this process gives to what comes from outside; 1: all of it.",
    registry=REGISTRY,
)
LEVEL: Final = Gauge(
    "trunkline_pressure",
    "1 for how this process bears its load: calm, busy or overloaded.",
    ("state",),
    registry=REGISTRY,
)
SHED: Final = Counter(
    "trunkline_shed",
    "What was turned away or given up under pressure: call (a platform's, which calls again),"
    " request (to the API), typing, reading.",
    ("kind",),
    registry=REGISTRY,
)
FAILURES: Final = Counter(
    "trunkline_metrics_failures",
    "Looks for figures in the store that failed; those are as they were before.",
    registry=REGISTRY,
)


def round_trip(operations: int, seconds: float) -> None:
    """Note one of the group commit."""
    ROUND_TRIPS.observe(seconds)
    OPERATIONS.observe(operations)
