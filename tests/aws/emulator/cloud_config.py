"""How an emulated cloud is set up; the defaults are what infra/terraform deploys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.aws.emulator.dynamo_table import TableSchema
from tests.aws.emulator.lambda_service import FunctionConfig
from tests.aws.emulator.unsure import Unsure
from tests.aws.emulator.ws_api import WsConfig

REGION = "eu-central-1"
TABLE = TableSchema("hatchway", ("pk", "S"), ("sk", "S"), ttl="ttl")
# What infra/terraform grants to the function's role.
FUNCTION_ROLE = frozenset(("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"))


@dataclass(frozen=True, slots=True)
class CloudConfig:
    """variables: more environment of the function. reply_template: None takes the deployed one.
    clock_scale: cloud seconds per real second, for the limits of connections and for TTL, not for signatures."""

    function: FunctionConfig = field(default_factory=FunctionConfig)
    websockets: WsConfig = field(default_factory=WsConfig)
    table: TableSchema = TABLE
    bucket: str = "hatchway-bodies"
    variables: Mapping[str, str] = field(default_factory=dict)
    reply_template: str | None = None
    payload_format: Literal["1.0", "2.0"] = "2.0"
    invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] = "BUFFERED"
    integration_timeout: float = 30.0
    read_lag: tuple[float, float] = (0.0, 0.01)
    ttl_lag: float = 48 * 3600
    clock_scale: float = 1.0
    throttle: tuple[float, float] = (10_000, 5_000)
    unsure: Unsure = field(default_factory=Unsure)
    seed: int = 0
