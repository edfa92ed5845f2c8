"""What tunnels on AWS have cost, for people and as JSON."""

from __future__ import annotations

from app.cli.output import Output
from app.domain.cost import cost, dollars
from app.domain.usage import Usage, UsageReport


def cost_words(report: UsageReport) -> str:
    """`$0.0031 today, $0.41 in 30 days`; empty if the tunnel was not on AWS."""
    if not report:
        return ""
    return _plain(f"{dollars(cost(report.today).dollars)} today, {dollars(cost(report.month).dollars)} in 30 days")


def cost_fields(report: UsageReport) -> dict[str, float] | None:
    """In dollars."""
    if not report:
        return None
    return {"today": _rounded(report.today), "month": _rounded(report.month)}


def tell_cost(tunnel: str, report: UsageReport, output: Output) -> None:
    """What this run has cost, at its end."""
    used = report.start
    if not used:
        return
    noun = "request" if used.requests == 1 else "requests"
    output.text(_plain(f"{used.requests:,} {noun} · about {dollars(cost(used).dollars)} on AWS".replace(",", " ")))
    output.event(
        {
            "event": "tunnel.cost",
            "tunnel": tunnel,
            "requests": used.requests,
            "dollars": _rounded(used),
            "used": used.to_dict(),
        }
    )


def _rounded(used: Usage) -> float:
    return round(cost(used).dollars, 6)


def _plain(text: str) -> str:
    """For terminals: a narrow space is no printable character to some."""
    return text.replace("\u202f", " ")
