"""The description of ``/api/v1/admin`` in OpenAPI 3.1, from its operations.

Law: it is made from what serves, so nothing is described that is not served.
"""

import json
from functools import cache
from typing import Any, Final

from gameserver.service.admin.operations import ADMIN_OPERATIONS, BASE, AdminOperation
from gameserver.service.rest.forms import Problem
from gameserver.service.rest.openapi import document_of, operation_described
from gameserver.service.rest.replies import Body
from gameserver.service.rest.schemas import Schemas

ABOUT: Final = (
    "What the operator of a gameserver sees and does. Programs send the server's console-secret as"
    " `Authorization: Bearer SECRET`, and may name who they act for in `X-Operator`. Acts are"
    " written into the audit log. Addresses and chat are in the answers: keep them to yourself."
)


def admin_description() -> dict[str, Any]:
    """Return the whole document."""
    schemas, paths = Schemas(), dict[str, dict[str, Any]]()
    schemas.of(Problem)
    for operation in ADMIN_OPERATIONS:
        described = _described(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    bearers = {"console": "The server's console-secret; for figures, its stats-token."}
    return document_of("gameserver, for its operator", ABOUT, BASE, paths, schemas, bearers)


def _described(operation: AdminOperation, schemas: Schemas) -> dict[str, Any]:
    gives = schemas.of(operation.gives)
    described = operation_described(operation, schemas, operation.name, gives, operation.takes)
    if operation.right is not None:
        described["x-right"] = operation.right.value
    return described


@cache
def document() -> Body:
    """Return the document as an answer, made once in a process."""
    text = json.dumps(admin_description(), ensure_ascii=False, separators=(",", ":"))
    return Body.of(text.encode())
