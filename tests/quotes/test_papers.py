"""What clients get of a proposal: on paper, by e-mail, in the agency's name, colour and logo."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.package_pictures import PictureStart
from tests.documents.papers import pages
from tests.product import Product
from tests.quotes.conftest import Agent, free, token_of, trip, word


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#803060").save(written, kind)
    return written.getvalue()


def owner(agent: Agent) -> Any:
    return replace(agent.actor, agency_role="owner")


def with_logo(agent: Agent, content: bytes = b"") -> Any:
    logos, content = agent.product.services.agency_logos, content or picture()
    form = PictureStart(file_name="l.png", content_type="image/png", size=len(content))
    started = logos.start(owner(agent), form)
    key = f"uploads/logos/{agent.actor.agency_id}/{started.picture_id}"
    agent.product.files.put(key, content, "image/png")
    return logos.finish(owner(agent), started.picture_id)


def test_a_logo_is_our_own_encoding_and_the_old_one_goes(product: Product, agent: Agent) -> None:
    logos = product.services.agency_logos
    first = with_logo(agent)
    shown = Image.open(io.BytesIO(logos.read(first)))
    assert (shown.format, shown.width) == ("PNG", 640)
    second = with_logo(agent)
    product.work()
    with pytest.raises(NotFound):
        logos.read(first)
    assert product.files.head(f"logos/{first}.png") is None
    assert logos.own(agent.actor) == second
    logos.remove(owner(agent))
    assert logos.own(agent.actor) is None


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"%PDF-1.7",
        picture() + b"<script>alert(1)</script>",
        picture()[:200],
        picture(size=(40, 40)),
        picture(size=(4100, 90)),
    ],
    ids=["svg", "pdf", "passenger", "cut", "small", "large"],
)
def test_what_is_no_logo_is_refused_and_gone(
    product: Product, agent: Agent, content: bytes
) -> None:
    with pytest.raises(Invalid) as refused:
        with_logo(agent, content)
    assert refused.value.code == "bad_picture"
    assert product.services.agency_logos.own(agent.actor) is None


def test_a_logo_is_the_owners_to_change(product: Product, agent: Agent, rival: Agent) -> None:
    logos = product.services.agency_logos
    form = PictureStart(file_name="l.png", content_type="image/png", size=10)
    started = logos.start(owner(agent), form)
    product.files.put(f"uploads/logos/{agent.actor.agency_id}/{started.picture_id}", b"x", "")
    with pytest.raises(Conflict):  # a rival's upload of this id is not there
        logos.finish(owner(rival), started.picture_id)
    for call in (lambda: logos.start(agent.actor, form), lambda: logos.remove(agent.actor)):
        with pytest.raises(Forbidden):
            call()
    with pytest.raises(NotFound):
        logos.read(uuid7())


def test_a_proposal_on_paper_says_all_of_it(product: Product, agent: Agent) -> None:
    with_logo(agent)
    product.change("update agencies set accent = '#803060'")
    made = product.offer()
    sent = agent.send([trip(made, note="By the river"), free("Airport transfer")])
    for paper in (
        product.services.quote_papers.for_client(token_of(sent)),
        product.services.quote_papers.for_agent(agent.actor, sent.id),
    ):
        said = " ".join(" ".join(pages(paper.content)).split())
        for words in ("Wayfarer", "Rome", "By the river", "Airport transfer", "Ines Sand"):
            assert words in said
        assert "ommission" not in said
    assert f"/quotes/{token_of(sent)}" in "".join(
        pages(product.services.quote_papers.for_client(token_of(sent)).content)
    ).replace("\n", "")


def test_the_paper_of_another_or_of_a_draft_is_not_there(
    product: Product, agent: Agent, rival: Agent
) -> None:
    draft = agent.write([trip(product.offer())])
    token = product.one("select token from quotes").token
    for stranger in ("", "x" * 43, "x" * 5000, token):
        with pytest.raises(NotFound):
            product.services.quote_papers.for_client(stranger)
    with pytest.raises(NotFound):
        product.services.quote_papers.for_agent(rival.actor, draft.id)


def test_letters_to_the_client_come_in_the_agencys_name(product: Product, agent: Agent) -> None:
    logo = with_logo(agent)
    product.change("update agencies set accent = '#803060'")
    agent.send([trip(product.offer())])
    product.work()
    letter = product.postbox.sent[-1]
    assert "#803060" in letter.html
    assert "#0F5B5A" not in letter.html
    assert f"/logos/{logo}.png" in letter.html
    assert "alt='Wayfarer'" in letter.html


def test_before_the_last_day_the_client_is_reminded_once(
    product: Product, agent: Agent, clock: Any
) -> None:
    quotes = product.services.quotes
    sent = agent.send([trip(product.offer())])
    assert quotes.remind() == 0
    clock.move(days=12)
    assert (quotes.remind(), quotes.remind()) == (1, 0)
    product.work()
    assert "valid until" in product.postbox.sent[-1].subject
    other = agent.send([trip(product.offer())])
    clock.move(days=12)
    assert quotes.remind() == 1
    offer = quotes.show(token_of(other))
    quotes.accept(token_of(other), word(offer))
    product.work()
    assert sum("valid until" in letter.subject for letter in product.postbox.sent) == 1
    assert sent.id != other.id
