"""The verdict on a replay: is it fixed?

    now fails, and the original or the attempt before did not    regressed
    now fails, as the original did                                still failing
    now succeeds, the original failed                             fixed
    both succeed                                                  same, or changed if a difference counts

A failure is: no complete answer, or a status of 400 and above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.exchange import Exchange, ExchangeState
from app.domain.verdict import Verdict
from app.replay.comparison import Difference, Masks, compare, learn

_TOLD = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """differences: those from the original, the ignored ones too; explanation: one sentence"""

    verdict: Verdict
    differences: tuple[Difference, ...]
    explanation: str

    @property
    def counted(self) -> list[Difference]:
        """The differences that count."""
        return [difference for difference in self.differences if not difference.ignored]


def is_failure(exchange: Exchange) -> bool:
    """Whether the visitor did not get what was asked for."""
    return exchange.state is ExchangeState.FAILED or exchange.status is None or exchange.status >= 400


def judge(
    original: Exchange, again: Exchange, earlier: Sequence[Exchange] = (), masks: Masks | None = None
) -> Judgement | None:
    """The verdict on `again`; None while it runs, if it was cancelled, and if the original was never sent.

    Compares bodies: use a thread.

    earlier: the attempts before, oldest first; what was different in each answer of this status is not counted
    """
    if again.state in (ExchangeState.RUNNING, ExchangeState.CANCELLED) or _never_sent(original):
        return None
    given = masks or Masks()
    finished = [each for each in earlier if each.state not in (ExchangeState.RUNNING, ExchangeState.CANCELLED)]
    alike = [each for each in (*finished, again) if each.status == again.status]
    known = Masks(given.learnt | learn(alike), given.ignored, given.compared)
    differences = tuple(compare(original, again, known))
    counted = [difference for difference in differences if not difference.ignored]
    if is_failure(again):
        was_fine = not is_failure(original) or (bool(finished) and not is_failure(finished[-1]))
        verdict = Verdict.REGRESSED if was_fine else Verdict.STILL_FAILING
    elif is_failure(original):
        verdict = Verdict.FIXED
    else:
        verdict = Verdict.CHANGED if counted else Verdict.SAME
    return Judgement(verdict, differences, _explain(verdict, original, again, counted, len(differences)))


def _never_sent(original: Exchange) -> bool:
    """A request that was written or pasted, not captured: there is nothing to compare with."""
    return original.imported and original.status is None and original.problem is None


def _explain(verdict: Verdict, original: Exchange, again: Exchange, counted: Sequence[Difference], count: int) -> str:
    parts = []
    was, now = _outcome(original), _outcome(again)
    if was != now:
        parts.append(f"{was} → {now}")
    elif verdict in (Verdict.STILL_FAILING, Verdict.REGRESSED):
        parts.append(f"{now} again" if verdict is Verdict.STILL_FAILING else f"{now}, after an attempt that succeeded")
    others = [difference for difference in counted if difference.place != "status"]
    if others:
        told = ", ".join(_tell(difference) for difference in others[:_TOLD])
        more = f" and {len(others) - _TOLD} more" if len(others) > _TOLD else ""
        parts.append(f"{told}{more}")
    if ignored := count - len(counted):
        parts.append(f"{ignored} {'difference' if ignored == 1 else 'differences'} ignored (times, ids, tokens)")
    return "; ".join(parts) or "the answers are equal"


def _outcome(exchange: Exchange) -> str:
    if exchange.state is ExchangeState.FAILED:
        return "no answer" if exchange.status is None else f"{exchange.status}, cut off"
    return str(exchange.status)


def _tell(difference: Difference) -> str:
    match difference.kind:
        case "added":
            return f"{difference.place} is new"
        case "removed":
            return f"{difference.place} is gone"
    return f"{difference.place}: {_brief(difference.before)} → {_brief(difference.after)}"


def _brief(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= 40 else f"{line[:39]}…"
