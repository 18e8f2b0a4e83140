// <form data-draft="name">: what was typed outlives a reload, in this tab, for this person alone.
// Only fields that were changed are kept, each with what stood there before: a field that says
// something else by now is not written over. A handler that saved returns forget_draft(name).
(() => {
  "use strict";
  const PREFIX = "draft:";
  const GUEST = "guest";
  const KINDS =
    "input:is(:not([type]), [type=text], [type=email], [type=tel], [type=date], [type=number]," +
    " [type=url], [type=checkbox]), textarea, select";

  // A browser that keeps nothing, or is full: the page works as it would without drafts.
  const attempt = (act, otherwise) => {
    try {
      return act();
    } catch {
      return otherwise;
    }
  };
  const person = () => document.getElementById("toasts")?.dataset.person ?? "";
  const key = (name, whose = person()) => `${PREFIX}${whose}:${location.pathname}:${name}`;
  const load = (name) =>
    attempt(() => {
      // Whoever signs in half way through goes on with what was typed before.
      const found =
        sessionStorage.getItem(key(name)) ?? sessionStorage.getItem(key(name, GUEST));
      return JSON.parse(found ?? "{}");
    }, {});
  const save = (name, draft) =>
    attempt(() => {
      if (Object.keys(draft).length) sessionStorage.setItem(key(name), JSON.stringify(draft));
      else sessionStorage.removeItem(key(name));
    });
  const remove = (unless) =>
    attempt(() => {
      for (const one of Object.keys(sessionStorage))
        if (one.startsWith(PREFIX) && !unless(one)) sessionStorage.removeItem(one);
    });

  const value = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);
  const before = (field) => {
    if (field.type === "checkbox") return String(field.defaultChecked);
    if (field.tagName !== "SELECT") return field.defaultValue;
    const options = [...field.options];
    return (options.find((option) => option.defaultSelected) ?? options[0])?.value ?? "";
  };
  // React listens to native events; it must also see that the value really changed.
  const write = (field, wanted) => {
    if (field.type === "checkbox") return field.click();
    const proto = Object.getPrototypeOf(field);
    Object.getOwnPropertyDescriptor(proto, "value").set.call(field, wanted);
    for (const name of ["input", "change"])
      field.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const fields = (form) => [...form.elements].filter((one) => one.name && one.matches(KINDS));
  const say = (form, shown) => {
    const note = form.querySelector("[data-draft-note]");
    if (note) note.hidden = !shown;
  };

  const noted = (event) => {
    const field = event.target;
    const form = field instanceof Element && field.closest("form[data-draft]");
    if (!form || !field.name || !field.matches(KINDS) || !person()) return;
    // What is written from here on is the newest there is.
    field.dataset.refilled = "yes";
    const draft = load(form.dataset.draft);
    if (value(field) === before(field)) delete draft[field.name];
    else draft[field.name] = [before(field), value(field)];
    save(form.dataset.draft, draft);
  };
  document.addEventListener("input", noted);
  document.addEventListener("change", noted);

  // The page may be drawn again and again; each field is filled once.
  const refill = (form) => {
    const draft = load(form.dataset.draft);
    let some = false;
    for (const field of fields(form)) {
      if (field.dataset.refilled || !(field.name in draft)) continue;
      const [stood, typed] = draft[field.name];
      if (before(field) !== stood || value(field) === typed) continue;
      field.dataset.refilled = "yes";
      write(field, typed);
      some = true;
    }
    if (some) say(form, true);
  };

  let known = "";
  const look = () => {
    const now = person();
    if (!now) return;
    if (now !== known && now !== GUEST)
      remove((one) => one.startsWith(`${PREFIX}${now}:`) || one.startsWith(`${PREFIX}${GUEST}:`));
    known = now;
    document.querySelectorAll("form[data-draft]").forEach(refill);
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-person", "data-draft", "value"],
  });
  look();

  const forget = (name) => {
    for (const whose of [person(), GUEST])
      attempt(() => sessionStorage.removeItem(key(name, whose)));
    document.querySelectorAll(`form[data-draft="${CSS.escape(name)}"]`).forEach((form) => say(form, false));
  };
  window.addEventListener("ecosystem:saved", (event) => forget(event.detail.draft));
  document.addEventListener("click", (event) => {
    const drop = event.target instanceof Element && event.target.closest("[data-draft-drop]");
    const form = drop && drop.closest("form[data-draft]");
    if (!form) return;
    forget(form.dataset.draft);
    for (const field of fields(form)) if (value(field) !== before(field)) write(field, before(field));
    forget(form.dataset.draft);
  });
  // Nothing of hers stays behind for whoever comes next.
  document.addEventListener("submit", (event) => {
    if (event.target.matches('[action="/api/auth/sign-out"]')) remove(() => false);
  });
})();
