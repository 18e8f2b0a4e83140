"""An address that is accepted can be written to."""

from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.services.forms import email_address

BAD = [
    "", "a", "a@b", "a@@b.cc", "a b@c.de", "a@b..cc", "a@.b.cc", "-@-.-", "a@-b.cc", "a@b-.cc",
    ".a@b.cc", "a.@b.cc", "a..b@c.de", "ä@b.cc", '"x y"@b.cc', "a@b.cc\r\nBcc: z@z.zz",
    "a@b.cc, c@d.ee", "a@b.cc>", "a@[127.0.0.1]", "a@b\x00.cc", "a@\ud800.cc", "a@" + "b" * 300 + ".cc",
]  # fmt: skip
GOOD = {
    "Maja@Example.com ": "maja@example.com",
    "o'neil+trips@mail.example.co.uk": "o'neil+trips@mail.example.co.uk",
    "maja@münchen.example": "maja@xn--mnchen-3ya.example",
    "x@xn--mnchen-3ya.example": "x@xn--mnchen-3ya.example",
}


def mailable(address: str) -> None:
    message = EmailMessage()
    message["To"] = Address(addr_spec=address)
    message.set_content("Hello")
    assert f"To: {address}\n".encode() in message.as_bytes()


@pytest.mark.parametrize("value", BAD)
def test_what_can_not_be_written_to_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"address|domain"):
        email_address(value)


@pytest.mark.parametrize(("value", "address"), GOOD.items())
def test_what_people_have_is_taken(value: str, address: str) -> None:
    assert email_address(value) == address
    mailable(address)


@given(st.text(max_size=20), st.text(max_size=12))
def test_no_accepted_address_breaks_the_mail(local: str, domain: str) -> None:
    try:
        address = email_address(f"{local}@{domain}.example")
    except ValueError:
        return
    mailable(address)
