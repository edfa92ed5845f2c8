"""What the doctor does with a page: open it, watch it, reload it, follow its links; and what there is to see."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.doctor.visitor import Visitor
from app.domain.problems import HatchwayError, fail

if TYPE_CHECKING:
    from playwright.async_api import Response

_LONGER_SECONDS = 5.0  # beyond the time asked for, while the network is busy
_NOTHING = "about:blank"
_MOST_LINES = 2000
_MOST_OF_REFUSAL = 20_000  # characters
_SEE = """() => [
  document.title,
  document.body ? document.body.innerText : "",
  [...document.querySelectorAll("h1, h2")].map((heading) => heading.innerText),
  [...document.querySelectorAll("a[href]:not([download])")].map((link) => link.href)
    .filter((url) => typeof url === "string"),  // that of SVG is none
]"""
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Plan:
    """path: of the page, in the app's own view, with query and fragment; wait: seconds to watch each page after it is
    loaded; reload: load it a second time as well; follow: how many of its links to open, too"""

    path: str = "/"
    wait: float = 3.0
    reload: bool = False
    follow: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """A page as it was when the visitor had watched it.

    asked, reached: its path before and after, in the app's own view; status: of its document, 0 if it gave none;
    title, headings, lines: visible text, comparable with another visit
    refusal: beginning of the document, if its status was an error
    """

    asked: str
    reached: str
    status: int
    title: str
    headings: tuple[str, ...]
    lines: tuple[str, ...]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """All pages of a visit, the one that was asked for first; links: paths of the app that it leads to."""

    sights: tuple[Sight, ...]
    links: tuple[str, ...] = ()


async def look(visitor: Visitor, plan: Plan, links: tuple[str, ...] | None = None) -> Look:
    """links: the ones to follow, None for those that are found.

    Raises HatchwayError `page_failed` if the page does not come at all.
    """
    from playwright.async_api import Error

    response = await _open(visitor, plan.path)
    sight, found = await _watch(visitor, plan, plan.path, response)
    sights = [sight]
    if plan.reload:
        with contextlib.suppress(Error):
            response = await visitor.reload()
            sights.append((await _watch(visitor, plan, plan.path, response))[0])
    for path in (found if links is None else links)[: plan.follow]:
        # One that fails is among the visitor's failures; one that is downloaded is none.
        with contextlib.suppress(Error, HatchwayError):
            response = await _open(visitor, path)
            sights.append((await _watch(visitor, plan, path, response))[0])
    return Look(tuple(sights), found)


async def _open(visitor: Visitor, path: str) -> Response | None:
    """The answer, if the page stays. Raises HatchwayError `page_failed`."""
    from playwright.async_api import Error, TimeoutError

    try:
        return await visitor.open(path)
    except Error as error:
        # Pages with a picture that hangs are never loaded, others go elsewhere before they are.
        if isinstance(error, TimeoutError) or "interrupted by another navigation" in str(error):
            with contextlib.suppress(Error):
                await visitor.page.wait_for_load_state("domcontentloaded")
                if visitor.page.url != _NOTHING:
                    return None
        raise fail(
            "page_failed",
            f"{visitor.base}{path} is no page that the browser can show ({_reason(error)})",
            "your service",
            "Start the service, and check the address.",
        ) from None


async def _watch(visitor: Visitor, plan: Plan, path: str, response: Response | None) -> tuple[Sight, tuple[str, ...]]:
    """The page after a while, and where it leads to."""
    await visitor.settle(plan.wait, plan.wait + _LONGER_SECONDS)
    title, text, headings, links = await _see(visitor)
    sight = Sight(
        path,
        visitor.path,
        0 if response is None else response.status,
        _comparable(visitor, title),
        tuple(_comparable(visitor, heading) for heading in headings),
        tuple(_comparable(visitor, line) for line in text.splitlines()[:_MOST_LINES] if line.strip()),
        await _refusal(response),
    )
    own = (visitor.plain(link).partition("#")[0] for link in links)
    paths = dict.fromkeys(link[1:] for link in own if link.startswith("U/"))
    here = {place.partition("#")[0] for place in (path, visitor.path)}
    return sight, tuple(path for path in paths if path not in here)


def _comparable(visitor: Visitor, text: str) -> str:
    """Also counters and ages are different each time."""
    return _NUMBER.sub("…", visitor.comparable(" ".join(text.split())))


async def _see(visitor: Visitor) -> tuple[str, str, list[str], list[str]]:
    from playwright.async_api import Error

    for _ in range(3):
        try:
            title, text, headings, links = await visitor.page.evaluate(_SEE)
            return title, text, headings, links
        except Error:  # the page is just going elsewhere
            with contextlib.suppress(Error):
                await visitor.page.wait_for_load_state()
    return "", "", [], []


async def _refusal(response: Response | None) -> str:
    from playwright.async_api import Error

    if response is None or response.status < 400:
        return ""
    try:
        return (await response.text())[:_MOST_OF_REFUSAL]
    except (Error, UnicodeDecodeError):
        return ""


def _reason(error: Exception) -> str:
    """`connection refused` of Playwright's `Page.goto: net::ERR_CONNECTION_REFUSED at …`."""
    first = str(error).partition("\n")[0].removeprefix("Page.goto: ")
    named = re.search(r"net::ERR_(\w+)", first)
    return first if named is None else named[1].replace("_", " ").lower()
