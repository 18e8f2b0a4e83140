"""Uploaded files: evidence for disputes (https://docs.stripe.com/file-upload).

The bytes are kept where nothing is served from; ``GET`` tells their name, size and kind.
"""

import base64

from ecosystem.local.stripe.errors import invalid, missing, required
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.storage import Body

KIND = "file"
MAX_BYTES = 5_000_000
_BEGINNINGS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
EVIDENCE_FILES = frozenset(
    {
        "cancellation_policy",
        "customer_communication",
        "customer_signature",
        "duplicate_charge_documentation",
        "receipt",
        "refund_policy",
        "service_documentation",
        "shipping_documentation",
        "uncategorized_file",
    }
)
"""The fields of a dispute's evidence that take the id of a file."""


def create(platform: Platform, call: Call) -> Body:
    """``POST /v1/files``: keep a PDF, PNG or JPEG."""
    if "purpose" not in call.params:
        raise required("purpose")
    if call.upload is None:
        raise required("file")
    kind = next((kind for mark, kind in _BEGINNINGS.items() if call.upload.startswith(mark)), None)
    if kind is None:
        message = "Invalid file type for the purpose dispute_evidence: must be pdf, png or jpg."
        raise invalid(message, "file")
    given: Body = {
        "id": new_id("file"),
        "object": KIND,
        "created": platform.now(),
        "expires_at": None,
        "filename": call.params.get("file") or None,
        "links": {"object": "list", "data": [], "has_more": False, "url": "/v1/file_links"},
        "purpose": call.params["purpose"],
        "size": len(call.upload),
        "title": None,
        "type": kind,
        "url": None,
    }
    content = base64.b64encode(call.upload).decode()
    return platform.store.add(given, private={"content": content})


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/files/{file}``."""
    found = platform.store.get(call.path["file"], KIND)
    if found is None:
        raise missing(KIND, call.path["file"])
    return found


def check_evidence(platform: Platform, evidence: Body) -> None:
    """Every file that evidence names must have been uploaded for it.

    Raises:
        StripeRefusal: 400, as Stripe answers for an id it does not know.
    """
    for field in sorted(EVIDENCE_FILES & evidence.keys()):
        found = platform.store.get(str(evidence[field]), KIND)
        param = f"evidence[{field}]"
        if found is None:
            raise missing("file upload", str(evidence[field]), param=param, status=400)
        if found["purpose"] != "dispute_evidence":
            raise invalid("The file was not uploaded as dispute_evidence.", param)
