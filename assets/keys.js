// The keyboard at the desks: the palette (Ctrl or Cmd and K), go-to keys (G and a letter), the
// list of keys (?), and what an agency earns off the screen (H). The pages carry the words.
(() => {
  "use strict";
  const root = document.documentElement;
  const closest = (event, selector) =>
    event.target instanceof Element ? event.target.closest(selector) : null;
  if (/Mac|iPhone|iPad/.test(navigator.platform)) root.dataset.mac = "";

  // A browser that keeps nothing: what was chosen then holds until the page is left.
  const kept = (store, name) => {
    try {
      return window[store].getItem(name);
    } catch {
      return null;
    }
  };
  const keep = (store, name, value) => {
    try {
      window[store].setItem(name, value);
    } catch {}
  };

  // ---- The palette ---------------------------------------------------------------------
  const box = () => document.getElementById("palette");
  const words = () => document.getElementById("palette-words");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const options = () =>
    [...box().querySelectorAll('[role="option"]')].filter((option) => !option.hidden);
  const marked = () => box().querySelector('[role="option"][aria-selected="true"]');
  let moved = false; // whether the marked one was chosen with the arrows, not by being first

  const mark = (option) => {
    for (const other of box().querySelectorAll('[role="option"]'))
      other.setAttribute("aria-selected", String(other === option));
    if (option) {
      words().setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else words().removeAttribute("aria-activedescendant");
  };

  const arrange = () => {
    const typed = words().value.trim();
    const wanted = fold(typed);
    for (const page of box().querySelectorAll("[data-here]"))
      page.hidden = !fold(page.firstElementChild.textContent).includes(wanted);
    for (const group of box().querySelectorAll("[data-group]"))
      group.hidden = !group.querySelector('[role="option"]:not([hidden])');
    const shown = options();
    const list = document.getElementById("palette-list");
    const answered = typed.length < 2 || list.dataset.answered === typed;
    const none = box().querySelector("[data-none]");
    none.hidden = shown.length > 0 || !answered;
    list.hidden = !none.hidden;
    const before = marked();
    mark(moved && before && !before.hidden ? before : shown[0]);
    const count = box().querySelector("[data-count]");
    const said = !answered ? "" : none.hidden ? String(shown.length) : none.textContent;
    if (count.textContent !== said) count.textContent = said;
  };

  const opened = () => {
    moved = false;
    words().focus();
    arrange();
  };
  const openPalette = () => {
    if (box().open) return box().close();
    if (document.querySelector("dialog[open]")) return;
    box().showModal();
    opened();
  };

  // React listens to native events; it must also see that the value really changed.
  const empty = (input) => {
    if (!input?.value) return;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, "");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("close", (event) => event.target.id === "palette" && empty(words()), true);
  document.addEventListener("input", (event) => {
    if (event.target.id !== "palette-words") return;
    moved = false;
    arrange();
  });
  // What the server finds is drawn a moment later.
  new MutationObserver((changes) => {
    const own = (change) => change.target.closest?.("#palette-list");
    if (box()?.open && changes.some(own)) arrange();
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-answered"],
  });
  document.addEventListener("click", (event) => {
    const opener = closest(event, "[data-open]");
    if (opener?.dataset.open === "palette") opened();
    if (opener?.dataset.open === "keys-help") sayKeys();
    const option = closest(event, '#palette [role="option"]');
    if (option && !event.ctrlKey && !event.metaKey) box().close();
    if (closest(event, "[data-earnings-switch]")) switchEarnings();
  });

  const inPalette = (event) => {
    const shown = options();
    const at = shown.indexOf(marked());
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && shown.length) {
      event.preventDefault();
      moved = true;
      mark(shown[(at + steps[event.key] + shown.length) % shown.length]);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const chosen = shown[at];
      if (!chosen) return;
      if (event.ctrlKey || event.metaKey) window.open(chosen.href, "_blank", "noopener");
      else chosen.click();
    }
  };

  // ---- What an agency earns, off the screen while a client looks on ---------------------
  const hidden = () => "earningsHidden" in root.dataset;
  const sayEarnings = () => {
    for (const button of document.querySelectorAll("[data-earnings-switch]"))
      if (button.getAttribute("aria-pressed") !== String(hidden()))
        button.setAttribute("aria-pressed", String(hidden()));
  };
  const hideEarnings = (wanted) => {
    if (wanted) root.dataset.earningsHidden = "";
    else delete root.dataset.earningsHidden;
    sayEarnings();
  };
  const switchEarnings = () => {
    hideEarnings(!hidden());
    keep("sessionStorage", "earnings", hidden() ? "hidden" : "shown");
  };
  hideEarnings(kept("sessionStorage", "earnings") === "hidden");
  new MutationObserver(sayEarnings).observe(document, { subtree: true, childList: true });

  // ---- Keys without Ctrl ----------------------------------------------------------------
  const single = () => root.dataset.singleKeys !== "off";
  root.dataset.singleKeys = kept("localStorage", "single-keys") ?? "on";
  const sayKeys = () => {
    for (const tick of document.querySelectorAll("[data-single-keys]")) tick.checked = single();
  };
  document.addEventListener("change", (event) => {
    if (!closest(event, "[data-single-keys]")) return;
    root.dataset.singleKeys = event.target.checked ? "on" : "off";
    keep("localStorage", "single-keys", root.dataset.singleKeys);
  });

  const writing = (target) =>
    target instanceof Element &&
    (target.closest("textarea, select, [contenteditable], [role=combobox]") !== null ||
      target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));
  // The letter as printed on the key where another script is typed.
  const letter = (event) =>
    /^[a-z]$/i.test(event.key) || !event.code.startsWith("Key")
      ? event.key.toLowerCase()
      : event.code.slice(3).toLowerCase();

  const GO_WITHIN = 1500;
  let going = 0;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const key = letter(event);
    if (key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      if (!box()) return;
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.target.id === "palette-words") return inPalette(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!single() || writing(event.target) || document.querySelector("dialog[open]")) return;
    const gone = going && Date.now() - going < GO_WITHIN;
    going = 0;
    if (gone) {
      const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
    } else if (key === "g" && document.querySelector("[data-go]")) going = Date.now();
    else if (key === "h" && document.querySelector("[data-earnings-switch], [data-earnings]"))
      switchEarnings();
    else if (event.key === "?" && document.getElementById("keys-help")) {
      sayKeys();
      document.getElementById("keys-help").showModal();
    }
  });
})();
