// <button data-adds="name">: whoever adds a row wants to write into it. It is there once the server
// has answered: in the list data-list="name", or else in the one before the button.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-adds]");
    if (!button) return;
    const rows = () =>
      (
        document.querySelector(`[data-list="${button.dataset.adds}"]`) ??
        button.parentElement.previousElementSibling
      )?.querySelectorAll("li") ?? [];
    const before = rows().length;
    const watch = new MutationObserver(() => {
      const now = [...rows()];
      if (now.length <= before) return;
      watch.disconnect();
      now.at(-1).querySelector("input:not([type=hidden]), textarea, select")?.focus();
    });
    watch.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => watch.disconnect(), 5000);
  });
})();
