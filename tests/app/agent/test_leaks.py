from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.agent.leaks import MOST, SECONDS, Leaks
from backend_lambda.protocol.messages import Leak


class Clock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_leak_marks_the_next_such_request_and_no_other() -> None:
    leaks = Leaks()
    leaks.add(Leak("POST", "/a?b", "/page"))
    assert leaks.take("GET", "/a?b") is None
    assert leaks.take("POST", "/a") is None
    assert leaks.take("POST", "/a?b") == "/page"
    assert leaks.take("POST", "/a?b") is None


def test_equal_leaks_mark_as_many_requests_in_their_order() -> None:
    leaks = Leaks()
    for page in ("/one", "/two"):
        leaks.add(Leak("GET", "/a", page))
    assert [leaks.take("GET", "/a") for _ in range(3)] == ["/one", "/two", None]


def test_a_redirect_that_nobody_followed_is_forgotten_in_time() -> None:
    clock = Clock()
    leaks = Leaks(clock)
    leaks.add(Leak("GET", "/old", "/page"))
    clock.now = SECONDS / 2
    leaks.add(Leak("GET", "/new", "/page"))
    clock.now = SECONDS
    assert leaks.take("GET", "/old") is None
    assert leaks.take("GET", "/new") == "/page"


def test_a_flood_pushes_out_the_oldest() -> None:
    leaks = Leaks(Clock())
    for number in range(MOST + 1):
        leaks.add(Leak("GET", f"/{number}", "/page"))
    assert leaks.take("GET", "/0") is None
    assert leaks.take("GET", "/1") == "/page"
    assert leaks.take("GET", f"/{MOST}") == "/page"


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["GET", "PUT"])), max_size=12), st.data())
def test_as_many_are_marked_as_leaked_in_whatever_order_they_come(
    leaked: list[tuple[str, str]], data: st.DataObject
) -> None:
    leaks = Leaks()
    for target, method in leaked:
        leaks.add(Leak(method, f"/{target}", "/page"))
    for target, method in data.draw(st.permutations(leaked)):
        assert leaks.take(method, f"/{target}") == "/page"
    assert {leaks.take(method, f"/{target}") for target in "ab" for method in ("GET", "PUT")} == {None}
