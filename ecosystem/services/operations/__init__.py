"""What operations does by hand: messages, stuck money, adjustments; all of it is audited."""

from ecosystem.services.operations.adjusting import Adjusting, AdjustmentForm
from ecosystem.services.operations.messages import Messages
from ecosystem.services.operations.stuck import Stuck
from ecosystem.services.operations.trail import Trail

__all__ = ["Adjusting", "AdjustmentForm", "Messages", "Stuck", "Trail"]
