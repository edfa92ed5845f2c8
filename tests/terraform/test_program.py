"""Where the provider is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform import program


def mirror(folder: Path) -> Path:
    (folder / "any.example" / "hashicorp" / "aws").mkdir(parents=True)
    return folder


def test_the_named_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, usual = mirror(tmp_path / "named"), mirror(tmp_path / "opt" / "plugins")
    monkeypatch.setattr(program, "_MIRRORS", (f"{tmp_path}/opt/*",))
    monkeypatch.setenv("TF_PLUGIN_DIR", str(named))
    assert program.find_mirror() == named
    monkeypatch.delenv("TF_PLUGIN_DIR")
    assert program.find_mirror() == usual


def test_without_a_provider_the_test_is_skipped_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_MIRRORS", (f"{tmp_path}/opt/*",))
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="NO AWS PROVIDER"):
        program.find_mirror()
