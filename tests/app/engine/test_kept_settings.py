from __future__ import annotations

import asyncio

from app.domain.problems import Problem
from app.domain.settings import SavedFilter, Settings
from app.engine import settings_file
from app.engine.kept_settings import KeptSettings
from app.engine.paths import Paths


async def test_changes_at_once_are_all_kept(paths: Paths) -> None:
    problems: list[Problem] = []
    kept = KeptSettings(paths.settings_file, Settings(), problems.append, remember=True)
    filters = (SavedFilter("slow", "duration:>1s"),)
    await asyncio.gather(kept.change(theme="dark"), kept.change(filters=filters), kept.change(relay_port=5000))
    assert kept.current == Settings(theme="dark", filters=filters, relay_port=5000)
    assert settings_file.load(paths.settings_file) == (kept.current, None)
    assert problems == []


async def test_what_is_not_to_be_remembered_is_not_saved(paths: Paths) -> None:
    before = paths.settings_file.read_bytes()
    kept = KeptSettings(paths.settings_file, Settings(), lambda _: None, remember=False)
    await kept.change(theme="dark")
    assert kept.current.theme == "dark"
    assert paths.settings_file.read_bytes() == before


async def test_what_cannot_be_saved_is_told_and_holds_for_this_run(paths: Paths) -> None:
    problems: list[Problem] = []
    paths.settings_file.unlink()
    paths.settings_file.mkdir()
    kept = KeptSettings(paths.settings_file, Settings(), problems.append, remember=True)
    await kept.change(theme="dark")
    assert [problem.code for problem in problems] == ["settings_not_saved"]
    assert kept.current.theme == "dark"
