"""The frame of the hosted pages: one style sheet, no request to anywhere else."""

import secrets
from functools import lru_cache
from html import escape
from importlib.resources import files

from starlette.responses import HTMLResponse

_SCRIPT = """
document.querySelectorAll('form').forEach(function(form){
  form.addEventListener('submit',function(event){
    if(form.dataset.sent){event.preventDefault();return}
    form.dataset.sent='1';
    var button=event.submitter;
    if(button){button.setAttribute('aria-busy','true')}
  })
});
window.addEventListener('pageshow',function(event){
  if(event.persisted){location.reload()}
});
document.querySelectorAll('time[data-local]').forEach(function(mark){
  mark.textContent=new Date(mark.dateTime).toLocaleTimeString([],{hour:'2-digit',minute:'2-digit'})
});
var number=document.querySelector('[autocomplete=cc-number]');
if(number){number.addEventListener('blur',function(){
  var plain=number.value.replace(/[^0-9]/g,'');
  if(plain){number.value=plain.replace(/(.{4})(?=.)/g,'$1 ')}
})}
"""


@lru_cache(maxsize=1)
def _style() -> str:
    place = files("ecosystem.local.stripe").joinpath("data", "hosted.css")
    return place.read_text("utf-8")


def page(
    title: str, brand: str, content: str, *, status: int = 200, narrow: bool = False
) -> HTMLResponse:
    """A whole page.

    Args:
        title: plain text; what the browser's tab says.
        brand: plain text; the business one deals with.
        content: HTML, already escaped, with the page's one ``h1``.
        narrow: one column only.
    """
    nonce = secrets.token_urlsafe(12)
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)} · {escape(brand)}</title>
<link rel="icon" href="data:,">
<style nonce="{nonce}">{_style()}</style>
</head>
<body>
<header class="top"><span class="logo">{escape(brand)}</span>
<span class="badge">Test mode</span></header>
<main{' class="narrow"' if narrow else ""}>{content}</main>
<script nonce="{nonce}">{_SCRIPT}</script>
</body>
</html>"""
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "img-src data:; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status_code=status, headers=headers)


def field(
    label: str,
    name: str,
    value: str = "",
    *,
    error: str = "",
    hint: str = "",
    attributes: str = "",
) -> str:
    """A labelled text field; error and hint are tied to it.

    Args:
        attributes: further HTML attributes, from trusted code only.
    """
    described = [f"{name}-{part}" for part, text in (("error", error), ("hint", hint)) if text]
    more = f' aria-describedby="{" ".join(described)}"' if described else ""
    more += ' aria-invalid="true"' if error else ""
    below = f'<span class="hint" id="{name}-hint">{escape(hint)}</span>' if hint else ""
    below += f'<span class="error" id="{name}-error">{escape(error)}</span>' if error else ""
    return (
        f'<div class="field"><label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}" {attributes}{more}>{below}</div>'
    )


def notice(text: str) -> str:
    """What went wrong with the whole form, read out at once."""
    return f'<div class="alert" role="alert">{escape(text)}</div>'
