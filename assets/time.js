// Time on screen: what is left of a hold, and moments on the reader's own clock.
//   <span data-countdown="1834" data-since="…">   seconds left when the server said so
//   <time data-clock="2027-05-14T13:40:00+00:00"> shown as this reader's hours and minutes, with
//                                                 the day if that is not today
(() => {
  "use strict";
  const ends = new WeakMap();
  const spoken = document.documentElement.lang || undefined;
  const language = spoken === "en" ? "en-GB" : spoken; // as domain/language.py has it
  const minutes = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const clock = new Intl.DateTimeFormat(language, minutes);
  const days = { weekday: "short", day: "numeric", month: "short" };
  const calendar = new Intl.DateTimeFormat(language, { ...days, ...minutes });
  const said = (moment) =>
    (moment.toDateString() === new Date().toDateString() ? clock : calendar).format(moment);

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const count = (element) => {
    // Measured from here on, so a clock that is wrong does no harm, nor does a sleeping tab.
    let known = ends.get(element);
    if (known?.since !== element.dataset.since) {
      known = {
        since: element.dataset.since,
        at: Date.now() + Number(element.dataset.countdown) * 1000,
        told: false,
      };
      ends.set(element, known);
    }
    const left = Math.max(0, Math.ceil((known.at - Date.now()) / 1000));
    write(element, `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    if (left === 0 && !known.told) {
      known.told = true;
      // A second later, so that the server agrees that it is over.
      setTimeout(() => element.parentElement?.querySelector("[data-ended]")?.click(), 1000);
    }
  };

  const tick = () => {
    for (const element of document.querySelectorAll("[data-countdown]")) count(element);
    for (const element of document.querySelectorAll("[data-clock]")) {
      const moment = new Date(element.dataset.clock);
      if (!Number.isNaN(moment.getTime())) write(element, said(moment));
    }
  };

  setInterval(tick, 1000);
  // Shown in the same frame as what it stands in, not a second later: when it comes, and when
  // the server says anew how long or until when.
  const concerned = (change) =>
    change.type === "attributes" ||
    [...change.addedNodes].some(
      (node) => node instanceof Element && node.querySelector("[data-countdown], [data-clock]"),
    );
  new MutationObserver((changes) => {
    if (changes.some(concerned)) tick();
  }).observe(document, {
    subtree: true,
    childList: true,
    attributeFilter: ["data-since", "data-clock"],
  });
})();
