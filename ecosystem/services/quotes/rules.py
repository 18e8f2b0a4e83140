"""What may be sent to a client, and what somebody may set who does not see what the agency earns."""

from collections.abc import Sequence

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid
from ecosystem.domain.language import _
from ecosystem.domain.quotes import Content
from ecosystem.services.quotes.forms import OptionForm, TripItemForm


def complete(content: Content, email: str) -> None:
    """Raise ``Invalid`` for what can't be sent."""
    if not email:
        raise Invalid.one(
            "client_id", _("This client has no e-mail address to send it to."), code="no_address"
        )
    if not content.options or not all(option.items for option in content.options):
        raise Invalid.one(
            "options", _("Put something into every option first."), code="nothing_offered"
        )


def as_told(actor: Actor, options: Sequence[OptionForm], kept: Content) -> tuple[OptionForm, ...]:
    """What somebody wrote; who may not know what the agency earns leaves every mark-up as it was."""
    if actor.sees_commission:
        return tuple(options)
    before = {item.id: item.markup_percent for option in kept.options for item in option.trips}
    return tuple(
        option.model_copy(
            update={
                "items": tuple(
                    item.model_copy(update={"markup_percent": before.get(item.id)})
                    if isinstance(item, TripItemForm)
                    else item
                    for item in option.items
                )
            }
        )
        for option in options
    )
