"""A WebSocket route that goes straight to DynamoDB's PutItem through a mapping template, without the function."""

from __future__ import annotations

import json
from typing import Any

from tests.aws.emulator.dynamo_errors import DynamoError
from tests.aws.emulator.dynamodb import DynamoDB
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.vtl import Template
from tests.aws.emulator.vtl_expressions import TemplateError
from tests.aws.emulator.vtl_variables import variables

_ROLE = frozenset(("PutItem",))


class DirectRoute:
    """template: as deployed, Terraform's variables filled in. failures: what went wrong, newest last, for tests; on
    AWS nobody but the access log learns of it."""

    def __init__(self, template: str, dynamodb: DynamoDB, faults: Faults) -> None:
        self._template = Template(template)
        self._dynamodb = dynamodb
        self._faults = faults
        self.failures: list[str] = []

    def render(self, body: str, context: dict[str, Any]) -> str:
        """The request that the template makes of a message. Raises TemplateError."""
        return self._template.render(variables(body, context))

    def put(self, body: str, context: dict[str, Any]) -> bool:
        """Perform it; False if it failed, which a one-way route does not tell the sender."""
        if self._faults.strikes("direct-route-throttled", body[:200]):
            self.failures.append("ThrottlingException")
            return False
        try:
            self._dynamodb.call("PutItem", json.loads(self.render(body, context)), role=_ROLE)
        except (TemplateError, DynamoError) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.failures.append(f"SerializationException: {error!r}")
        else:
            return True
        return False
