"""Words of an invented web shop, from which names, code and sentences are made."""

AREAS = (
    "basket", "catalogue", "orders", "payments", "stock", "shipping", "coupons", "tax",
    "invoices", "accounts", "search", "mailing", "returns", "reviews", "reports",
)  # fmt: skip
VERBS = (
    "load", "apply", "merge", "split", "round", "check", "sort", "price", "match", "group",
    "index", "close", "reserve", "release", "convert", "settle", "collect", "expire",
)  # fmt: skip
QUALITIES = (
    "daily", "pending", "partial", "foreign", "bulk", "late", "first", "open", "draft",
    "stale", "gross", "net", "shared", "hidden", "urgent",
)  # fmt: skip
NOUNS = (
    "line", "total", "address", "parcel", "refund", "voucher", "rate", "label", "batch",
    "rule", "limit", "quote", "window", "region", "carrier", "bundle", "receipt", "shelf",
)  # fmt: skip
FIELDS = (
    "amount", "weight", "currency_factor", "due_days", "discount", "quantity", "priority",
    "attempts", "margin", "stock_level", "volume", "score", "handling_fee", "credit",
)  # fmt: skip
ERRORS = ("RangeError", "StateError", "LookupFailed", "NotAllowed", "Mismatch")
