from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.backends.folder import DeploymentFolder, Record
from app.backends.standing import merged, records_in
from app.domain.deployment import Deployment, DeployOptions, Identity

WHO = Identity("123456789012", "arn", "eu-central-1", "")
RECORD = Record(DeployOptions("shop"), WHO, "https://a.test", "wss://b.test", "shop", complete=True)
FOUND = Deployment("shop", WHO.region, WHO.account, "https://a.test", "wss://b.test", "shop", managed=False)


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("applied", [True, False])
def test_it_is_complete_if_both_sides_say_so(stands: bool, applied: bool) -> None:
    [one] = merged(WHO, [replace(FOUND, complete=stands)], [replace(RECORD, complete=applied)])
    assert (one.managed, one.complete) == (True, stands and applied)


def test_each_is_known_once() -> None:
    elsewhere = replace(RECORD, identity=replace(WHO, region="us-east-1"))
    others = replace(FOUND, name="team")
    gone = replace(RECORD, options=DeployOptions("gone"))
    assert merged(WHO, [FOUND, others], [RECORD, elsewhere, gone]) == [
        replace(FOUND, managed=True),
        others,
        replace(FOUND, name="gone", managed=True, complete=False),
    ]


def test_records_are_of_all_folders(tmp_path: Path) -> None:
    assert records_in(tmp_path / "none") == []
    for name in ("shop", "team", "torn"):
        folder = DeploymentFolder.of(tmp_path, WHO.account, WHO.region, name)
        folder.path.mkdir()
        folder.write_record(replace(RECORD, options=DeployOptions(name)))
    (folder.path / "deployment.json").write_text("torn")
    assert [record.options.name for record in records_in(tmp_path)] == ["shop", "team"]
