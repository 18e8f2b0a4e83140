// <button data-share="address" data-share-title="…" data-said="Link copied">: the device's own way of
// sharing, or else the clipboard. <button data-copy="text">: the clipboard.
(() => {
  "use strict";
  const say = (message, tone) =>
    dispatchEvent(new CustomEvent("ecosystem:toast", { detail: { message, tone } }));
  // In the reader's language: the page carries these words, this script none.
  const word = (name) => document.getElementById("toasts")?.dataset[name] ?? "";
  const copy = (text, said, otherwise, tone) =>
    navigator.clipboard.writeText(text).then(
      () => say(said, "done"),
      () => say(otherwise, tone),
    );

  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest("[data-share], [data-copy]");
    if (!pressed) return;
    const { share: url, shareTitle: title, said, copy: text } = pressed.dataset;
    if (text !== undefined) copy(text, word("copied"), word("refused"), "problem");
    else {
      const copied = () => copy(url, said || word("copied"), url, "plain");
      // A person who closes the sheet has changed her mind; nothing failed.
      if (navigator.share) navigator.share({ url, title }).catch((e) => e.name === "AbortError" || copied());
      else copied();
    }
  });
})();
