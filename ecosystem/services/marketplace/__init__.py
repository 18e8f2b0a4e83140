"""The marketplace's most frequent reads, and the read model that can serve them."""

from ecosystem.services.marketplace.checking import (
    Backlog,
    Difference,
    ReadModelCheck,
    Verification,
)
from ecosystem.services.marketplace.desk import Marketplace
from ecosystem.services.marketplace.keeping import ReadModelKeeping
from ecosystem.services.marketplace.reads import DatabaseReads, ModelReads, Reads

__all__ = [
    "Backlog",
    "DatabaseReads",
    "Difference",
    "Marketplace",
    "ModelReads",
    "ReadModelCheck",
    "ReadModelKeeping",
    "Reads",
    "Verification",
]
