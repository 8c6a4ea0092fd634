"""Contracts and the block library."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from portal_gateway.api import documents_models as m
from portal_gateway.api.endpoint import Api, Call
from portal_gateway.api.models import Answer, Contract, Entity, Items, ListQuery, Page
from portal_gateway.api.preview import preview

routes = Api(tag="Contracts")
VIEW: Any = {"permission": "contracts.view", "feature": "contracts"}
MANAGE: Any = {"permission": "contracts.manage", "feature": "contracts"}


def _contracts(call: Call) -> Any:
    return call.request.services.contracts


class BlockQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Annotated[str, StringConstraints(pattern=r"^(de|en|any)$")] | None = None
    active: Annotated[Literal["true", "false"] | None, Field()] = None


@routes.get("/contract-blocks", query=BlockQuery, answer=Items, **VIEW)
def list_blocks(call: Call) -> Any:
    """The block library; system blocks are examples that a lawyer should look at."""
    active = {"true": True, "false": False, None: None}[call.query.active]
    found = _contracts(call).list_blocks(language=call.query.language, active=active)
    return found if isinstance(found, dict) else {"items": found}


@routes.post("/contract-blocks", body=m.BlockFields, answer=Entity, status=201, **MANAGE)
def create_block(call: Call) -> Any:
    """Add a block."""
    return _contracts(call).create_block(id=str(call.new_id("block")), fields=call.sent)


@routes.get("/contract-blocks/{id:uuid}", answer=Entity, **VIEW)
def get_block(call: Call, id: str) -> Any:
    """One block."""
    return _contracts(call).get_block(id=id)


@routes.patch("/contract-blocks/{id:uuid}", body=m.BlockChanges, answer=Entity, **MANAGE)
def change_block(call: Call, id: str) -> Any:
    """Change a block; contracts keep the text they copied."""
    return _contracts(call).update_block(id=id, version=call.version, changes=call.sent)


@routes.delete("/contract-blocks/{id:uuid}", **MANAGE)
def delete_block(call: Call, id: str) -> None:
    """Delete an own block; system blocks can only be deactivated."""
    _contracts(call).delete_block(id=id, version=call.version)


@routes.get("/contracts", query=ListQuery, answer=Page, **VIEW)
def list_contracts(call: Call) -> Any:
    """A page of contracts."""
    return _contracts(call).list_contracts(**call.query.model_dump())


@routes.post("/contracts", body=m.ContractFields, answer=Contract, status=201, **MANAGE)
def create_contract(call: Call) -> Any:
    """Create a draft; the texts of the blocks are copied."""
    return _contracts(call).create_contract(id=str(call.new_id("contract")), fields=call.sent)


@routes.get("/contracts/{id:uuid}", answer=Contract, **VIEW)
def get_contract(call: Call, id: str) -> Any:
    """One contract."""
    return _contracts(call).get_contract(id=id)


@routes.patch("/contracts/{id:uuid}", body=m.ContractChanges, answer=Contract, **MANAGE)
def change_contract(call: Call, id: str) -> Any:
    """Change a draft; only the fields sent change."""
    return _contracts(call).update_contract(id=id, version=call.version, changes=call.sent)


@routes.delete("/contracts/{id:uuid}", **MANAGE)
def delete_contract(call: Call, id: str) -> None:
    """Delete a draft."""
    _contracts(call).delete_contract(id=id, version=call.version)


@routes.post("/contracts/{id:uuid}/review", answer=Answer, **MANAGE)
def review_contract(call: Call, id: str) -> Any:
    """What would go out, its problems, and the hash that sending must name."""
    return _contracts(call).review_contract(id=id)


@routes.post("/contracts/{id:uuid}/send", body=m.SendContract, answer=Contract, **MANAGE)
def send_contract(call: Call, id: str) -> Any:
    """Send what was reviewed."""
    return _contracts(call).send_contract(id=id, review_hash=call.body.review_hash)


@routes.post("/contracts/{id:uuid}/withdraw", body=m.Withdraw, answer=Contract, **MANAGE)
def withdraw_contract(call: Call, id: str) -> Any:
    """Take the contract back; its links end."""
    return _contracts(call).withdraw_contract(id=id, reason=call.body.reason)


@routes.post("/contracts/{id:uuid}/countersign", body=m.Countersign, answer=Contract, status=202, **MANAGE)
def countersign_contract(call: Call, id: str) -> Any:
    """Sign for the studio; the final PDF follows (202)."""
    return _contracts(call).countersign_contract(id=id, name=call.body.name, signature_png=call.body.signature_png)


@routes.post("/contracts/{id:uuid}/cancel", body=m.Withdraw, answer=Contract, **MANAGE)
def cancel_contract(call: Call, id: str) -> Any:
    """Mark a fully signed contract as cancelled; PDF and hash stay."""
    return _contracts(call).cancel_contract(id=id, reason=call.body.reason)


@routes.post("/contracts/{id:uuid}/verify", answer=Answer, **VIEW)
def verify_contract(call: Call, id: str) -> Any:
    """Check stored bytes, hashes and the event chain, item by item."""
    found = _contracts(call).verify_contract(id=id)
    return found if isinstance(found, dict) else {"items": found}


@routes.get("/contracts/{id:uuid}/preview.pdf", produces="application/pdf", **VIEW)
def preview_contract(call: Call, id: str) -> Any:
    """The PDF as it would go out now."""
    return preview(call, "contracts", id)
