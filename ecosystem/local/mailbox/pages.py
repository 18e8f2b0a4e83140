"""The HTML of the mailbox: a list, one message, and the states in between."""

import re
from html import escape

from ecosystem.local.mailbox.messages import Message

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")

_STYLE = """
:root{--paper:#FBFAF7;--card:#FFFFFF;--sunk:#F3F1EB;--ink:#1A2022;--soft:#5A6467;--line:#E4E0D6;
--brand:#0F5B5A;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--paper:#101617;--card:#172021;--sunk:#0C1112;
--ink:#EDEBE4;--soft:#9CA8A8;--line:#2A3536;--brand:#5FB8AF}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:400 15px/1.55 Inter,system-ui,sans-serif}
a{color:inherit}
:focus-visible{outline:2px solid var(--brand);outline-offset:2px;border-radius:6px}
header,main{max-width:820px;margin:0 auto;padding:0 16px}
header{display:flex;align-items:baseline;justify-content:space-between;gap:16px;padding-top:24px}
header a{color:var(--brand);text-underline-offset:3px}
h1{font:400 32px/1.2 "Instrument Serif",Georgia,serif;letter-spacing:-.01em;margin:0}
.soft{color:var(--soft)}
form{display:flex;align-items:end;gap:8px;margin:20px 0}
label{flex:1;min-width:0;font-size:13px;font-weight:550}
input,button{display:block;height:40px;border:1px solid var(--line);border-radius:10px;
background:var(--card);color:var(--ink);font:inherit;padding:0 12px}
input{width:100%;margin-top:6px}button{font-weight:550;font-size:14px;padding:0 16px}
ol{list-style:none;margin:0 0 48px;padding:0;border:1px solid var(--line);border-radius:16px;
background:var(--card);overflow:hidden}
li+li{border-top:1px solid var(--line)}
li a{display:grid;grid-template-columns:1fr auto;gap:2px 16px;padding:12px 16px;text-decoration:none}
li a:hover{background:var(--sunk)}li a:focus-visible{outline-offset:-2px}
li b{font-weight:550;overflow-wrap:anywhere}li span{overflow-wrap:anywhere}
time{font-variant-numeric:tabular-nums;white-space:nowrap}
.empty{border:1px solid var(--line);border-radius:16px;background:var(--card);padding:40px 24px;
text-align:center}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:16px 0 24px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
h2{font-size:13px;font-weight:550;margin:24px 0 8px}
pre,iframe{margin:0;border:1px solid var(--line);border-radius:16px}
pre{background:var(--card);padding:16px;white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}
pre a{color:var(--brand)}
iframe{display:block;width:100%;height:440px;background:#fff}
main{padding-bottom:48px}
@media(max-width:480px){h1{font-size:26px}li a{grid-template-columns:1fr}}
"""

SCRIPT = """
const list = document.querySelector("[data-inbox]");
for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString();
}
async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-inbox]");
    if (!fresh || fresh.dataset.inbox === list.dataset.inbox) return;
    for (const time of fresh.querySelectorAll("time")) {
      time.textContent = new Date(time.dateTime).toLocaleString();
    }
    list.dataset.inbox = fresh.dataset.inbox;
    list.replaceChildren(...fresh.childNodes);
  } catch {
    return;
  }
}
if (list) setInterval(refresh, 2000);
"""
"""Shows times in the reader's own zone and brings new messages in while one watches."""


def inbox(messages: list[Message], to: str, site_url: str) -> str:
    """The list, newest first, with the search field above it."""
    rows = "".join(_row(message) for message in messages)
    if rows:
        content = f"<ol>{rows}</ol>"
    elif to:
        content = (
            f'<div class="empty">No e-mail to <b>{escape(to)}</b> yet.'
            '<p><a href="/mail">Show all</a></p></div>'
        )
    else:
        content = (
            '<div class="empty">No e-mail yet.<p class="soft">Codes, confirmations and vouchers '
            "appear here as soon as the product sends them.</p></div>"
        )
    newest = f"{len(messages)}-{messages[0].id if messages else ''}"
    search = (
        '<form method="get" action="/mail" role="search"><label>Sent to'
        f'<input type="search" name="to" value="{escape(to)}" placeholder="customer@demo.example">'
        "</label><button>Search</button></form>"
    )
    return _page(
        "Mail",
        site_url,
        f'{search}<div data-inbox="{escape(newest)}" aria-live="polite">{content}</div>',
        title="Mail",
    )


def message(shown: Message, site_url: str) -> str:
    """One message: who, when, its HTML in a closed frame, its text with links."""
    subject = shown.subject or "(no subject)"
    parts = [
        '<p><a href="/mail">All mail</a></p><dl>',
        f"<dt>To</dt><dd>{escape(', '.join(shown.to))}</dd>",
        f"<dt>From</dt><dd>{escape(shown.sender)}</dd>",
        f"<dt>Sent</dt><dd>{_time(shown)}</dd></dl>",
    ]
    if shown.html:
        parts.append(
            f'<iframe title="Message" src="/mail/{escape(shown.id)}/html" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe><h2>As text</h2>'
        )
    parts.append(f"<pre>{_linked(shown.text) or 'This message has no text part.'}</pre>")
    return _page(subject, site_url, "".join(parts), title=f"{subject} · Mail")


def body(shown: Message) -> str:
    """The HTML part for the frame: links open a new tab; the policy lets nothing run or load."""
    base = '<base target="_blank">'
    return base + (shown.html or f"<pre>{_linked(shown.text)}</pre>")


def missing(site_url: str) -> str:
    """Shown for an address that leads nowhere."""
    return _page(
        "Nothing here",
        site_url,
        '<p>This message is not in the mailbox. <a href="/mail">Show all mail</a></p>',
        title="Nothing here · Mail",
    )


def unavailable(site_url: str) -> str:
    """Shown while the part that keeps the e-mails does not answer."""
    return _page(
        "The mailbox is not available",
        site_url,
        "<p>The part of the stack that keeps e-mails does not answer. It may still be "
        'starting. <a href="/mail">Try again</a></p>',
        title="Not available · Mail",
    )


def _row(message: Message) -> str:
    return (
        f'<li><a href="/mail/{escape(message.id)}"><b>{escape(message.subject or "(no subject)")}'
        f'</b><span class="soft">{_time(message)}</span>'
        f'<span class="soft">{escape(", ".join(message.to))}</span></a></li>'
    )


def _time(message: Message) -> str:
    stamp = message.sent_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'<time datetime="{stamp}">{message.sent_at:%Y-%m-%d %H:%M} UTC</time>'


def _linked(text: str) -> str:
    """Escaped text whose web addresses can be clicked."""
    pieces: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        address = escape(match.group())
        pieces.append(escape(text[end : match.start()]))
        pieces.append(f'<a href="{address}" target="_blank" rel="noopener">{address}</a>')
        end = match.end()
    return "".join([*pieces, escape(text[end:])])


def _page(heading: str, site_url: str, content: str, *, title: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{_STYLE}</style>'
        f"</head><body><header><h1>{escape(heading)}</h1>"
        f'<a href="{escape(site_url)}">Ecosystem</a></header>'
        f'<main>{content}</main><script src="/mail.js"></script></body></html>'
    )
