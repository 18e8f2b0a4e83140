// Behaviour of the shared parts that needs no server. Everything is delegated from the
// document, so it works for whatever is drawn later, and does nothing until it is used.
(() => {
  "use strict";
  const closest = (event, selector) =>
    event.target instanceof Element ? event.target.closest(selector) : null;

  // React listens to native events; it must also see that the value really changed.
  const setValue = (input, value) => {
    const proto = Object.getPrototypeOf(input);
    Object.getOwnPropertyDescriptor(proto, "value").set.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // ---- What only some pages need -------------------------------------------------------
  const NEEDED = {
    keys: "[data-go], [data-earnings]",
    drafts: "form[data-draft]",
    rows: "[data-adds]",
    sharing: "[data-share], [data-copy]",
  };
  const fetchNeeded = () => {
    for (const [name, where] of Object.entries(NEEDED))
      if (document.querySelector(where)) {
        delete NEEDED[name];
        const script = document.createElement("script");
        script.src = `/${name}.js`;
        document.head.append(script);
      }
  };
  new MutationObserver(fetchNeeded).observe(document, { subtree: true, childList: true });
  fetchNeeded();
  // Before anything is drawn: what is hidden from a client must not be seen for a moment.
  try {
    if (sessionStorage.getItem("earnings") === "hidden")
      document.documentElement.dataset.earningsHidden = "";
  } catch {} // A browser that keeps nothing hid nothing.

  // ---- Dialogs and drawers -------------------------------------------------------------
  const open = (dialog) => {
    if (dialog && !dialog.open) dialog.showModal();
  };

  // A dialog that the server shows and hides carries data-shown; it says so when it closed.
  const follow = (dialog) => {
    if (dialog.dataset.shown === "true") open(dialog);
    else if (dialog.dataset.shown === "false" && dialog.open) dialog.close();
  };

  document.addEventListener(
    "close",
    (event) => {
      const dialog = event.target;
      if (dialog instanceof HTMLDialogElement && dialog.dataset.shown === "true") {
        dialog.querySelector(":scope > [data-closed]")?.click();
      }
    },
    true,
  );

  // What the server drew ahead gives way to the page itself, and in any case before long.
  const arrived = () => document.querySelector("page-ahead")?.remove();
  setTimeout(arrived, 10000);

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.attributeName === "data-there") arrived();
      else if (change.type === "attributes") follow(change.target);
      else
        for (const node of change.addedNodes)
          if (node instanceof Element) {
            if (node.matches("[data-there]") || node.querySelector("[data-there]")) arrived();
            if (node.matches("dialog[data-shown]")) follow(node);
            node.querySelectorAll("dialog[data-shown]").forEach(follow);
          }
    }
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-shown", "data-there"],
  });

  // ---- Toasts --------------------------------------------------------------------------
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  // In the reader's language: the page carries these words, this script none.
  const word = (name) => document.getElementById("toasts")?.dataset[name] ?? "";
  const DOTS = { done: "bg-good", problem: "bg-bad", plain: "bg-soft" };

  const showToast = ({ message, tone = "plain", run }) => {
    const region = document.getElementById(tone === "problem" ? "toasts-problem" : "toasts");
    if (!region) return;
    const toast = element(
      "div",
      "toast pointer-events-auto flex items-start gap-3 rounded-md border border-line bg-card " +
        "py-2 ps-4 pe-2 text-md text-ink shadow-float",
    );
    const dot = element("span", "mt-[9px] size-2 shrink-0 rounded-full " + DOTS[tone]);
    toast.append(dot, element("span", "min-w-0 flex-1 py-1 break-words", message));
    const leave = () => {
      toast.classList.add("leaving");
      setTimeout(() => toast.remove(), 150);
    };
    const button = (label, className, action) => {
      const made = element("button", "h-8 shrink-0 rounded-sm px-2 " + className, label);
      made.type = "button";
      made.addEventListener("click", () => {
        leave();
        action?.();
      });
      toast.append(made);
      return made;
    };
    if (run) button(word("undo"), "font-strong text-brand", run);
    button("✕", "text-soft hover:text-ink").setAttribute("aria-label", word("dismiss"));
    region.append(toast);
    while (region.children.length > 3) region.firstElementChild.remove();
    // Someone reading or reaching for it keeps it.
    let timer;
    const seconds = tone === "problem" || run ? 10 : 5;
    const start = () => (timer = setTimeout(leave, seconds * 1000));
    const stop = () => clearTimeout(timer);
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
    start();
  };
  window.addEventListener("ecosystem:toast", (event) => showToast(event.detail));

  // ---- Combobox ------------------------------------------------------------------------
  const options = (box) =>
    [...box.querySelectorAll('[role="option"]')].filter((option) => !option.hidden);
  const mark = (box, option) => {
    const input = box.querySelector('[role="combobox"]');
    for (const other of box.querySelectorAll('[role="option"]'))
      other.setAttribute("aria-selected", String(other === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const expand = (box, shown) => {
    const some = box.dataset.filter !== "local" || options(box).length > 0;
    box.querySelector('[role="combobox"]').setAttribute("aria-expanded", String(shown && some));
    box.querySelector('[role="listbox"]').hidden = !(shown && some);
    if (!shown) mark(box, null);
  };
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const filter = (box, typed) => {
    if (box.dataset.filter !== "local") return;
    const wanted = fold(typed);
    for (const option of box.querySelectorAll('[role="option"]'))
      option.hidden = !fold(option.textContent).includes(wanted);
  };
  const choose = (box, option) => {
    const input = box.querySelector('[role="combobox"]');
    const hidden = box.querySelector("input[data-value]");
    box.dataset.choosing = "1";
    setValue(input, option.dataset.label);
    delete box.dataset.choosing;
    if (hidden) hidden.value = option.dataset.value;
    expand(box, false);
  };

  document.addEventListener("input", (event) => {
    const box = closest(event, "[data-combobox]");
    if (!box || event.target.getAttribute("role") !== "combobox" || box.dataset.choosing) return;
    const hidden = box.querySelector("input[data-value]");
    if (hidden) hidden.value = "";
    filter(box, event.target.value);
    expand(box, true);
    mark(box, null);
  });

  document.addEventListener("keydown", (event) => {
    const box = closest(event, "[data-combobox]");
    if (box && event.target.getAttribute("role") === "combobox") {
      const list = options(box);
      const at = list.findIndex((option) => option.getAttribute("aria-selected") === "true");
      const shown = !box.querySelector('[role="listbox"]').hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        expand(box, true);
        const step = event.key === "ArrowDown" ? 1 : -1;
        const next = at < 0 && step < 0 ? list.length - 1 : (at + step + list.length) % list.length;
        if (list.length) mark(box, list[next]);
      } else if (event.key === "Enter" && shown && at >= 0) {
        event.preventDefault();
        list[at].click();
      } else if (event.key === "Escape" && shown) {
        event.preventDefault();
        event.stopPropagation();
        expand(box, false);
      }
      return;
    }
    if (event.key === "Escape") {
      const menu = closest(event, "details[data-menu][open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });

  document.addEventListener("focusin", (event) => {
    for (const box of document.querySelectorAll("[data-combobox]"))
      if (!box.contains(event.target)) expand(box, false);
    for (const menu of document.querySelectorAll("details[data-menu][open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });

  // An option must not take the focus from the field before it is chosen.
  document.addEventListener("pointerdown", (event) => {
    if (closest(event, '[data-combobox] [role="option"]')) event.preventDefault();
  });

  // ---- Clicks --------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]"))
      if (!menu.contains(event.target) || closest(event, "a")) menu.open = false;

    const opener = closest(event, "[data-open]");
    if (opener) open(document.getElementById(opener.dataset.open));

    if (closest(event, "[data-close]") || closest(event, "dialog.drawer a"))
      closest(event, "dialog")?.close();

    // Outside the box of a dialog is its backdrop.
    if (event.target instanceof HTMLDialogElement && !event.target.hasAttribute("data-strict")) {
      const box = event.target.getBoundingClientRect();
      const { clientX: x, clientY: y } = event;
      const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
      if (!inside && event.detail > 0) event.target.close();
    }

    const step = closest(event, "[data-step]");
    if (step) {
      const input = step.parentElement.querySelector("input");
      const next = Number(input.value || 0) + Number(step.dataset.step);
      const low = input.min === "" ? -Infinity : Number(input.min);
      const high = input.max === "" ? Infinity : Number(input.max);
      setValue(input, String(Math.min(high, Math.max(low, next))));
    }

    const option = closest(event, '[data-combobox] [role="option"]');
    if (option) choose(option.closest("[data-combobox]"), option);
    else {
      const box = closest(event, "[data-combobox]");
      if (box && event.target.getAttribute("role") === "combobox") {
        filter(box, "");
        expand(box, true);
      }
    }
  });

  // ---- Forms ---------------------------------------------------------------------------
  // Once the answer to a sent form is there, the first field that is wrong has the focus.
  let sent = new URLSearchParams(location.search).has("f") ? document : null;
  document.addEventListener("submit", (event) => {
    sent = event.target;
    // An answer that says the same as the one before changes nothing that could be noticed.
    if (sent.querySelector('[aria-invalid="true"]')) setTimeout(() => answered(), 600);
  });
  // Choosing a language or a currency loads the page anew: what is chosen on it goes along.
  document.addEventListener("submit", (event) => {
    const here = document.querySelector("[data-address]")?.dataset.address;
    if (!here || !event.target.matches('[action="/api/reader"]')) return;
    const next = document.createElement("input");
    Object.assign(next, { type: "hidden", name: "next", value: here });
    event.target.append(next);
  });
  const answered = () => {
    if (!sent || sent.querySelector('[type="submit"][aria-busy="true"]')) return;
    const wrong = sent.querySelector('[aria-invalid="true"]');
    if (!wrong) return;
    sent = null;
    wrong.focus();
    // What had it already is not scrolled to by that.
    wrong.scrollIntoView({ block: "nearest" });
  };
  new MutationObserver((changes) => {
    if (changes.some((change) => change.type === "attributes" || sent === document)) answered();
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["aria-busy", "aria-invalid"],
  });

  // ---- Numbers that are kept current ---------------------------------------------------
  const refresh = (all) => {
    if (document.hidden) return;
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-every]")) {
      const due = Number(element.dataset.next);
      if (due && now < due && !all) continue;
      // Not when it is first seen: the page has just been filled.
      if (due) element.click();
      element.dataset.next = String(now + Number(element.dataset.every) * 1000);
    }
  };
  setInterval(() => refresh(false), 1000);
  document.addEventListener("visibilitychange", () => refresh(true));
})();
