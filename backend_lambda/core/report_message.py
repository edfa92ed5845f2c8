"""The `report` message: what has become of an answer."""

from __future__ import annotations

from backend_lambda.protocol.header_delta import header_delta
from backend_lambda.protocol.messages import Delivered, Report
from backend_lambda.rewrite.policy import ResponsePlan

_OUR_MARK = "X-Hatchway-Rewrite"
# They describe one connection (RFC 9110 section 7.6.1), so that each side has its own.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)


def report_of(request_id: str, plan: ResponsePlan) -> Report | None:
    """Of an answer that is complete; None if the visitor gets what the app sent."""
    found = plan.report
    if plan.kind is None and not found.edits and not found.notes and not _has_new_head(plan):
        return None
    delta = header_delta(plan.headers, plan.given)
    delivered = None if delta is None else Delivered(plan.status, delta, plan.size, plan.sha256)
    return Report(request_id, plan.kind or "", list(plan.layer_names), found.edits, found.notes, delivered)


def _has_new_head(plan: ResponsePlan) -> bool:
    sent = [pair for pair in plan.headers if pair[0] != _OUR_MARK]
    return sent != list(plan.given) and sent != [pair for pair in plan.given if pair[0].lower() not in _HOP_BY_HOP]
