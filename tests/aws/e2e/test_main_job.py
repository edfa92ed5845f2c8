"""The end-to-end tests of the main job that hold on AWS word for word.

Not here, since the HTTP API decides it and not our code: what a path looks like (test_traps.py, T1), order and case of
headers, unusual methods, framing (tests/e2e/test_bad_requests.py), answers while they come and their visible cut (they
go out whole or as a page: test_differences.py), upgrades, tunnels by host.
"""

from __future__ import annotations

import pytest

from tests.e2e import test_failures
from tests.e2e.service import Service
from tests.e2e.test_bytes import (
    test_a_tunnel_without_its_slash_redirects_and_keeps_the_query,
    test_an_answer_that_ends_by_closing_is_passed_on_whole,
    test_answers_that_never_have_a_body,
    test_chunks_with_extensions_and_trailers_are_read,
    test_hop_by_hop_headers_end_at_the_relay,
    test_uploads_arrive_whole,
    test_what_visitors_send_is_never_touched,
)
from tests.e2e.test_failures import (
    test_a_second_owner_is_refused_and_told_why,
    test_answers_that_make_no_sense_are_a_502_and_the_tunnel_lives,
    test_header_injection_through_the_answer,
    test_names_that_no_tunnel_can_have_404,
    test_one_broken_tunnel_does_not_touch_another,
    test_the_owner_keeps_the_name_while_offline,
    test_unknown_tunnel_404,
    test_upstream_dies_before_its_head_502,
    test_upstream_dies_mid_body_of_a_short_answer,
    test_upstream_refuses_502_without_its_address,
    test_upstream_slower_than_its_timeout_504,
)
from tests.e2e.tunnels import Tunnel
from tests.e2e.visitor import ask, get

__all__ = [
    "TestOnlyTheConfiguredUpstream",
    "test_a_second_owner_is_refused_and_told_why",
    "test_a_tunnel_without_its_slash_redirects_and_keeps_the_query",
    "test_an_answer_that_ends_by_closing_is_passed_on_whole",
    "test_answers_that_make_no_sense_are_a_502_and_the_tunnel_lives",
    "test_answers_that_never_have_a_body",
    "test_chunks_with_extensions_and_trailers_are_read",
    "test_header_injection_through_the_answer",
    "test_hop_by_hop_headers_end_at_the_relay",
    "test_names_that_no_tunnel_can_have_404",
    "test_one_broken_tunnel_does_not_touch_another",
    "test_the_owner_keeps_the_name_while_offline",
    "test_unknown_tunnel_404",
    "test_uploads_arrive_whole",
    "test_upstream_dies_before_its_head_502",
    "test_upstream_dies_mid_body_of_a_short_answer",
    "test_upstream_refuses_502_without_its_address",
    "test_upstream_slower_than_its_timeout_504",
    "test_what_visitors_send_is_never_touched",
]


class TestOnlyTheConfiguredUpstream(test_failures.TestOnlyTheConfiguredUpstream):
    """Whatever visitors send, no other address is connected to."""

    @pytest.mark.parametrize(
        "target",
        [
            "//127.0.0.1:{canary}/x",
            "/..%2f..%2f127.0.0.1:{canary}",
            "/http:%2F%2F127.0.0.1:{canary}/x",
            "/%0d%0aHost:%20127.0.0.1:{canary}",
            "/%3Fx@127.0.0.1:{canary}/",
            "/?url=http://127.0.0.1:{canary}/",
        ],
    )
    async def test_paths(self, tunnel: Tunnel, service: Service, canary: Service, target: str) -> None:
        answer = await ask(tunnel.relay.port, get(tunnel.path(target.format(canary=canary.port))))
        assert answer.status in (200, 308, 404)
        assert {call.header("host") for call in service.calls} <= {f"127.0.0.1:{service.port}"}
