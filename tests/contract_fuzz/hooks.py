"""What ends something ends a spare of it, so that the rest goes on to be there for the other operations."""

import os

import schemathesis

SPARES = {
    "deleteOrganization": {"org": os.environ["SPARE_ORG"]},
    "restoreOrganization": {"org": os.environ["SPARE_ORG"]},
    "revokeApiKey": {"key": os.environ["SPARE_KEY"]},
    "revokeInvitation": {"invitation": os.environ["SPARE_INVITATION"]},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId")
    case.path_parameters = {**(case.path_parameters or {}), **SPARES.get(operation, {})} or None
