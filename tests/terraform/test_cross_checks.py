"""Module, template and code agree, as far as texts can show; needs no Terraform."""

from __future__ import annotations

import ast
import base64
import importlib
import importlib.util
import json
import re
from pathlib import Path

import pytest

from backend_lambda.adapters import clients
from backend_lambda.adapters.metrics import NAMESPACE, Tally, emit, emit_refusal, emit_socket, note_cold_start
from backend_lambda.protocol.limits import AWS_LIMITS, AWS_STREAM_LIMITS
from backend_lambda.protocol.messages import Response
from backend_lambda.protocol.slots import SlotWriter, open_envelope
from tests.aws.emulator.terraform_template import template_file
from tests.aws.emulator.vtl import Template
from tests.aws.emulator.vtl_variables import variables
from tests.aws.streamed import config_of

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "infra" / "terraform"
FILES = sorted(MODULE.glob("*.tf"))
TEXTS = {path.name: path.read_text("utf-8") for path in FILES}
CODE = sorted((ROOT / "backend_lambda").rglob("*.py"))

# boto3's calls → the right that each needs.
RIGHTS = {
    "get_item": "dynamodb:GetItem",
    "batch_get_item": "dynamodb:BatchGetItem",
    "put_item": "dynamodb:PutItem",
    "update_item": "dynamodb:UpdateItem",
    "delete_item": "dynamodb:DeleteItem",
    "batch_write_item": "dynamodb:BatchWriteItem",
    "query": "dynamodb:Query",
    "scan": "dynamodb:Scan",
    "transact_write_items": "dynamodb:PutItem",
    "post_to_connection": "execute-api:ManageConnections",
    "delete_connection": "execute-api:ManageConnections",
    "get_connection": "execute-api:ManageConnections on GET",
    "put_object": "s3:PutObject",
    "get_object": "s3:GetObject",
    "head_object": "s3:GetObject",
    "delete_object": "s3:DeleteObject",
    "list_objects_v2": "s3:ListBucket",
    "get_parameter": "ssm:GetParameter",
}


def test_the_function_may_do_what_the_code_calls() -> None:
    called = {
        node.func.attr
        for path in CODE
        if "adapters" in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    needed = {RIGHTS[name] for name in called & RIGHTS.keys()}
    assert len(needed) >= 6
    assert needed <= granted_rights(TEXTS["roles.tf"], "dynamodb|execute-api|s3|ssm")
    assert granted_rights(TEXTS["roles.tf"], "dynamodb") <= needed


def granted_rights(text: str, services: str) -> set[str]:
    return set(re.findall(rf'"((?:{services}):\w+)"', text))


def test_the_code_reads_no_variable_that_the_module_does_not_set() -> None:
    read = {name for path in CODE for name in re.findall(r'"(HATCHWAY_[A-Z_]+)"', path.read_text("utf-8"))}
    given = set(re.findall(r"^ +(HATCHWAY_[A-Z_]+) += ", TEXTS["function.tf"], re.MULTILINE))
    assert {"HATCHWAY_TABLE", "HATCHWAY_CALLBACK_URL"} <= read
    assert read <= given


def test_dashboard_and_alarms_show_metrics_that_the_function_writes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note_cold_start()
    monkeypatch.setattr(clients, "_counts", clients.CallCounts(throttles=1, blobs=1))
    emit("hatchway", Tally(polls=1, wait=0.01), request_bytes=1, response_bytes=1, side="relay")
    emit_refusal("hatchway", "aws")
    emit_socket("hatchway")
    written = {
        (metric["Name"], tuple(directive["Dimensions"][0]))
        for line in map(json.loads, capsys.readouterr().out.splitlines())
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
    shown = {
        (name, ("Deployment", "Side") if '"Side"' in rest else ("Deployment",))
        for name, rest in re.findall(r'local\.own\.namespace, "(\w+)"\](.*)', TEXTS["dashboard.tf"])
    }
    alarm = re.search(r'namespace += "Hatchway"\n +metric += "(\w+)"\n +dimensions += \{(.*)\}', TEXTS["alarms.tf"])
    assert alarm is not None
    watched = (alarm[1], tuple(re.findall(r"(\w+) =", alarm[2])))
    assert shown | {watched} == written
    assert f'namespace = "{NAMESPACE}"' in TEXTS["dashboard.tf"]


def test_the_handler_is_there() -> None:
    [name] = re.findall(r'handler += "([\w.]+)"', TEXTS["function.tf"])
    module, _, function = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


def test_the_functions_own_deadline_comes_first() -> None:
    [timeout] = re.findall(r"function_timeout += local.http_api \? (\d+) : var.longest_answer", TEXTS["locals.tf"])
    assert AWS_LIMITS.deadline / 1000 + 3 <= int(timeout)
    [least] = re.findall(r"var.longest_answer >= (\d+)", TEXTS["variables.tf"])
    assert AWS_STREAM_LIMITS.deadline / 1000 + 3 <= int(least)
    [usual] = re.findall(r'variable "longest_answer" \{.*?default += (\d+)', TEXTS["variables.tf"], re.DOTALL)
    assert config_of().function.timeout == int(usual)


def test_the_runtime_that_streams_is_in_the_package() -> None:
    [path] = re.findall(r'streaming_runtime = "/var/task/(.+)"', TEXTS["locals.tf"])
    script = (ROOT / path).read_text("utf-8")
    [module] = re.findall(r'^exec "\$1" -m ([\w.]+)$', script, re.MULTILINE)
    assert script.startswith("#!/bin/sh\n")
    assert importlib.util.find_spec(f"{module}.__main__") is not None


def test_expired_rows_are_known_by_the_same_name() -> None:
    [ttl] = re.findall(r'attribute_name = "(\w+)"', TEXTS["table.tf"])
    rows = (ROOT / "backend_lambda" / "adapters" / "connection_table.py").read_text("utf-8")
    assert f'"{ttl}": {{"N": ttl}}' in rows
    assert f'"{ttl}": {{"N": "$ttl"}}' in (MODULE / "templates" / "reply.vtl.tftpl").read_text("utf-8")


@pytest.mark.parametrize(
    "body", [b"", b'{"a": "quote \\" and $input.body"}', b"\xff\x00" * 700], ids=["empty", "text", "binary"]
)
def test_a_reply_of_the_agent_becomes_a_row_that_the_function_reads(body: bytes) -> None:
    reply = Response(id="r1", status=200, headers=[("x-name", 'it\'s "quoted" ${x} \\ é')], body=body, end=True)
    envelope = SlotWriter().wrap(reply)
    assert envelope is not None
    assert f'route_key          = "{json.loads(envelope)["type"]}"' in TEXTS["socket_api.tf"]
    template = template_file(MODULE / "templates" / "reply.vtl.tftpl", {"table": "hatchway", "seconds": "120"})
    context = {"connectionId": "TXzPWdnOjoECGjA=", "requestTimeEpoch": 1_700_000_000_999}
    put = json.loads(Template(template).render(variables(envelope, context)))
    row = put["Item"]
    assert put["TableName"] == "hatchway"
    assert (row["pk"], row["sk"], row["ttl"]) == ({"S": "TXzPWdnOjoECGjA="}, {"S": "r1"}, {"N": "1700000120"})
    assert open_envelope(row["m"]["S"], base64.b64decode(row["b"]["B"]), max_body=10_000) == reply


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_files_are_valid_for_both_providers_and_name_no_registry(path: Path) -> None:
    text = TEXTS[path.name]
    assert len(text.splitlines()) <= 250
    assert "registry" not in text
    assert "aws_region.current.name" not in text  # deprecated in 6
    assert "aws_region.current.region" not in text  # unknown in 5
    blocks = re.findall(r'^resource "\w+" "\w+" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    assert not any(re.search(r"^  region +=", block, re.MULTILINE) for block in blocks)


def test_nothing_of_terraforms_own_is_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".terraform/", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*", "*.tfplan", "*.tfvars"} <= set(ignored)


def test_every_variable_and_output_is_explained() -> None:
    blocks = [
        block
        for text in TEXTS.values()
        for block in re.findall(r'^(?:variable|output) "\w+" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    ]
    assert len(blocks) > 30
    assert all("  description = " in block for block in blocks)


def test_the_readme_names_every_variable_and_output() -> None:
    readme = (MODULE / "README.md").read_text("utf-8")
    names = [
        name for text in TEXTS.values() for name in re.findall(r'^(?:variable|output) "(\w+)"', text, re.MULTILINE)
    ]
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_the_readme_tells_the_defaults() -> None:
    readme = (MODULE / "README.md").read_text("utf-8")
    simple = re.findall(
        r'^variable "(\w+)" \{\n(?:(?!^\}).)*?  default +=  ?"?(-?\w+)"?$', _all(), re.MULTILINE | re.DOTALL
    )
    rows = {name: row for row in readme.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row)}
    told = {name: value for name, value in simple if value != "null"}
    assert len(told) >= 12
    assert {name: value for name, value in told.items() if value not in rows[name]} == {}


def _all() -> str:
    return "\n".join(TEXTS.values())
