"""The folder of one deployment on this computer: Terraform's state, the module it came from, and what was asked for.

It is the user's only record of what was made, so nothing in here is deleted before AWS has confirmed that all is gone.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import psutil

from app.backends.package import StrangeFileError, installed_package, write_package
from app.domain.deployment import Deployment, DeployOptions, Identity, ToolCheck
from app.domain.problems import fail

_APP = Path(__file__).resolve().parents[1]
_NOT_COPIED: Final = shutil.ignore_patterns(
    ".terraform*", "*.tfstate*", "*.tfvars", "*.tfplan", "tests", "README.md", ".checkov.yaml", "backend.tf"
)
_NAME = re.compile(r"[a-z][a-z0-9-]{1,22}[a-z0-9]")
_PRIVATE: Final = 0o700
_BACKEND: Final = 'terraform {\n  backend "local" {\n    path = "../terraform.tfstate"\n  }\n}\n'


def module_directory() -> Path:
    """The Terraform module: `app/_infra` where the wheel put it, else `infra/terraform` beside `app/`."""
    packaged = _APP / "_infra"
    return packaged if packaged.is_dir() else _APP.parent / "infra" / "terraform"


def check_deployment_name(name: str) -> str:
    """The module's own rule, before anything is asked of AWS. Raises HatchwayError `bad_deploy_option`."""
    if not _NAME.fullmatch(name):
        raise fail(
            "bad_deploy_option",
            f"“{name}” cannot be the name of a deployment",
            "you",
            "Use 3 to 24 lower-case letters, digits and inner hyphens, with a letter first.",
        )
    return name


def check_options(options: DeployOptions) -> None:
    """What can be judged before anything is asked of AWS. Raises HatchwayError `bad_deploy_option`."""
    check_deployment_name(options.name)
    if options.monthly_budget and not options.alarm_email:
        raise fail(
            "bad_deploy_option", "A budget needs a mail address, or it tells nobody", "you", "Give an address too."
        )
    if options.domain is not None and options.front_door == "function_url":
        raise fail(
            "bad_deploy_option",
            "A Function URL has no domain of your own",
            "you",
            "Use http_api for it.",
        )


@dataclass(frozen=True, slots=True)
class Record:
    """What was applied last. complete: whether that came to its end; the URLs are "" until it does once"""

    options: DeployOptions
    identity: Identity
    public_url: str = ""
    agent_url: str = ""
    table: str = ""
    complete: bool = False

    @property
    def deployment(self) -> Deployment:
        return Deployment(
            self.options.name, self.identity.region, self.identity.account, self.public_url, self.agent_url,
            self.table or self.options.name, managed=True, complete=self.complete,
        )  # fmt: skip


class DeploymentFolder:
    """Paths, and what is written there. All methods block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.module = path / "module"
        self.package = path / "lambda.zip"
        self.state = path / "terraform.tfstate"
        self.plan = path / "plan.tfplan"
        self.providers = path / "terraform"
        self.lock = path.with_name(f".{path.name}.lock")
        self._variables = path / "variables.tfvars.json"
        self._more_variables = path / "more.tfvars"
        self._record = path / "deployment.json"
        self._running = path / "running.json"
        self._initialised = path / "initialised"

    @classmethod
    def of(cls, folder: Path, account: str, region: str, name: str) -> DeploymentFolder:
        """folder: of all deployments. State of one account is never applied to another."""
        return cls(folder / f"{account}-{region}-{name}")

    @property
    def variable_files(self) -> list[str]:
        """As arguments: ours, and what the user has written beside them for what the app does not ask for."""
        more = [f"-var-file={self._more_variables}"] if self._more_variables.is_file() else []
        return [*more, f"-var-file={self._variables}"]

    def log(self, command: str) -> Path:
        """What Terraform said at the latest `plan`, `apply` …"""
        return self.path / f"{command}.log"

    def prepare(self, options: DeployOptions, region: str, source: Path) -> None:
        """Lay out the module as this version of Hatchway has it, the package and the variables. source: the module"""
        self.path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        self._copy_module(source)
        try:
            write_package(self.package, installed_package())
        except StrangeFileError as error:
            raise fail("package_failed", str(error), "Hatchway", "Remove it, or install Hatchway anew.") from error
        self._write(self._variables, msgspec.json.encode(self._values(options, region)))

    def is_initialised(self, tool: ToolCheck) -> bool:
        """Whether `init` has nothing to do: it takes seconds, and asks the registry."""
        try:
            return self._initialised.read_text("utf-8") == _words(tool)
        except OSError:
            return False

    def remember_initialised(self, tool: ToolCheck | None) -> None:
        """None: it has to be done again."""
        if tool is None:
            self._initialised.unlink(missing_ok=True)
        else:
            self._initialised.write_text(_words(tool), "utf-8")

    def read_record(self) -> Record | None:
        """None if nothing was ever applied from here, or a crash of the machine left a file that cannot be read."""
        try:
            return msgspec.json.decode(self._record.read_bytes(), type=Record)
        except (OSError, msgspec.DecodeError):
            return None

    def write_record(self, record: Record) -> None:
        self._write(self._record, msgspec.json.encode(record))

    def mark_incomplete(self, options: DeployOptions, identity: Identity) -> None:
        """Before AWS is touched: an apply that never comes back is then known as half-finished."""
        before = self.read_record() or Record(options, identity)
        self.write_record(replace(before, options=options, identity=identity, complete=False))

    def remember_process(self, pid: int) -> None:
        """Terraform goes on without us, so whoever comes next has to know of it."""
        try:
            born = psutil.Process(pid).create_time()
        except psutil.Error:  # it has ended already
            return
        self._write(self._running, msgspec.json.encode([pid, born]))

    def working_process(self) -> int:
        """Id of a Terraform that another Hatchway has left at work here, 0 for none."""
        try:
            pid, born = msgspec.json.decode(self._running.read_bytes(), type=tuple[int, float])
            return pid if psutil.Process(pid).create_time() == born else 0
        except (OSError, msgspec.DecodeError, psutil.Error):
            return 0

    def remove(self) -> None:
        """After all is gone in AWS."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _values(self, options: DeployOptions, region: str) -> dict[str, object]:
        domain = options.domain
        return {
            "name": options.name,
            "region": region,
            "package": str(self.package),
            "front_door": options.front_door,
            "domain": None if domain is None else {
                "name": domain.name,
                "wildcard": domain.wildcard,
                "zone_id": domain.zone_id or None,
                "certificate_arn": domain.certificate_arn or None,
            },
            "alarm_emails": [options.alarm_email] if options.alarm_email else [],
            "monthly_budget": options.monthly_budget,
        }  # fmt: skip

    def _copy_module(self, source: Path) -> None:
        """Files of the version before would still be part of the module, so it is made anew."""
        locked = self.module / ".terraform.lock.hcl"
        keep = None
        # Which provider is used stays as it is, unless this version wants another.
        if locked.is_file() and _same(self.module / "versions.tf", source / "versions.tf"):
            keep = locked.read_bytes()
        shutil.rmtree(self.module, ignore_errors=True)
        shutil.copytree(source, self.module, ignore=_NOT_COPIED)
        (self.module / "backend.tf").write_text(_BACKEND, encoding="utf-8")
        if keep is not None:
            locked.write_bytes(keep)
        else:
            self.remember_initialised(None)

    def _write(self, path: Path, content: bytes) -> None:
        unfinished = path.with_name(f".{path.name}.new")
        with open(unfinished, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)


def _words(tool: ToolCheck) -> str:
    return f"{tool.program} {tool.version}"


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
