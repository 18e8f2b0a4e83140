"""Every public method of a State is a network endpoint: none without a tag."""

from reflex_base.registry import RegistrationContext

from ecosystem import pages
from ecosystem.state.guard import PAGE_FAILED, REFLEX_OWN, allowed_roles


def test_every_handler_of_ours_says_who_may_call_it() -> None:
    assert pages.PAGES, "importing the pages registers every State"
    ours, untagged = 0, []
    for name, registered in RegistrationContext.get().event_handlers.items():
        kind = registered.states[0] if registered.states else None
        own_module = kind is None or kind.__module__.partition(".")[0] == "reflex"
        if own_module or name.endswith(".setvar"):
            continue  # Reflex's own: only those in REFLEX_OWN pass the guard
        if kind.__module__.partition(".")[0] != "ecosystem":
            continue  # a State of another test
        ours += 1
        if not allowed_roles(name):
            untagged.append(name)
    assert ours > 300
    assert not untagged, "put @allow(…) below @rx.event of: " + ", ".join(untagged)


def test_the_names_of_reflex_own_events_are_right() -> None:
    known = set(RegistrationContext.get().event_handlers)
    assert known >= {*REFLEX_OWN, PAGE_FAILED}


def test_setvar_is_no_event_of_ours() -> None:
    for name in RegistrationContext.get().event_handlers:
        if name.endswith(".setvar"):
            assert allowed_roles(name) is None
            assert name not in REFLEX_OWN
