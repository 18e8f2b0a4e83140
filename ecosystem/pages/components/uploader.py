"""Choosing or dropping files, and sending them straight to the store with their progress.

It has script of its own, for a browser tells how far an upload is only to ``XMLHttpRequest``, and
knows nothing of packages or imports. A State hears what was chosen,
asks its service for a form to post each file with, and puts it into ``jobs``:

    {"id": "f1:2", "key": "f1", "url": …, "fields": {…}}

``key`` names the file, ``id`` this attempt to send it. A job that is taken out of the list is
stopped; one with a new ``id`` is sent again from the same file.
"""

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex_base.components.component import Component
from reflex_base.components.component import field as prop
from reflex_base.utils.imports import ImportVar
from reflex_base.vars.base import Var

from ecosystem.pages.components.values import Child

SCRIPT = """
let ecosystemFiles = 0;
const EcosystemSilence = 45000;

function EcosystemUploader({
  accept, multiple, disabled, jobs, onChoose, onProgress, onSent, onBroken, children, className,
}) {
  const files = useRef(new Map());
  const running = useRef(new Map());
  const handlers = useRef({});
  handlers.current = { onProgress, onSent, onBroken };
  const [over, setOver] = useState(false);

  const choose = (list) => {
    const chosen = [...list].slice(0, multiple ? 100 : 1).map((file) => {
      const key = "f" + Date.now().toString(36) + "-" + (ecosystemFiles += 1);
      files.current.set(key, file);
      return { key, name: file.name, type: file.type, size: file.size };
    });
    if (chosen.length) onChoose(chosen);
  };

  const send = (job) => {
    const file = files.current.get(job.key);
    if (!file) {
      // The page was loaded anew: the browser gave the file away.
      handlers.current.onBroken(job.key, "gone");
      return () => {};
    }
    const request = new XMLHttpRequest();
    let told = 0;
    let silence;
    let over = false;
    const end = (tell) => {
      if (over) return;
      over = true;
      clearTimeout(silence);
      request.abort();
      tell?.();
    };
    const broken = (why) => end(() => handlers.current.onBroken(job.key, why));
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => broken("lost"), EcosystemSilence);
    };
    request.upload.onprogress = (event) => {
      heard();
      const now = Date.now();
      if (over || !event.lengthComputable || now - told < 300) return;
      told = now;
      handlers.current.onProgress(job.key, Math.floor((100 * event.loaded) / event.total));
    };
    request.onload = () =>
      request.status >= 200 && request.status < 300
        ? end(() => handlers.current.onSent(job.key))
        : broken("refused");
    request.onerror = () => broken("lost");
    const form = new FormData();
    for (const [name, value] of Object.entries(job.fields)) form.append(name, value);
    form.append("file", file);
    request.open("POST", job.url);
    request.send(form);
    heard();
    return () => end();
  };

  useEffect(() => {
    const wanted = new Map(jobs.map((job) => [job.id, job]));
    for (const [id, stop] of running.current)
      if (!wanted.has(id)) {
        running.current.delete(id);
        stop();
      }
    for (const [id, job] of wanted) if (!running.current.has(id)) running.current.set(id, send(job));
  }, [jobs]);

  useEffect(() => {
    if (!jobs.length) return;
    const stay = (event) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [jobs.length > 0]);

  useEffect(() => {
    const all = running.current;
    return () => {
      for (const stop of all.values()) stop();
      all.clear();
    };
  }, []);

  const carries = (event) => !disabled && [...event.dataTransfer.types].includes("Files");
  return jsx(
    "label",
    {
      className,
      "data-over": over ? "" : undefined,
      onDragOver: (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event) => {
        setOver(false);
        if (!carries(event)) return;
        event.preventDefault();
        choose(event.dataTransfer.files);
      },
    },
    jsx("input", {
      type: "file",
      className: "sr-only",
      accept,
      multiple,
      disabled,
      onChange: (event) => {
        choose(event.target.files);
        event.target.value = "";
      },
    }),
    children,
  );
}
"""


class Uploader(Component):
    """The script above as a component; see :func:`uploader`."""

    tag = "EcosystemUploader"

    accept: Var[str] = prop(doc="Types and endings the browser offers to choose from.")
    multiple: Var[bool] = prop(doc="Whether several files may be chosen at once.")
    disabled: Var[bool] = prop(doc="Whether nothing can be chosen.")
    jobs: Var[list[dict[str, Any]]] = prop(doc="What is to be sent now.")

    on_choose: rx.EventHandler[passthrough_event_spec(list[dict[str, Any]])] = prop(
        doc="Files were chosen: key, name, type and size of each."
    )
    on_progress: rx.EventHandler[passthrough_event_spec(str, int)] = prop(
        doc="Key, and how many percent of it were sent."
    )
    on_sent: rx.EventHandler[passthrough_event_spec(str)] = prop(doc="Key of a file that arrived.")
    on_broken: rx.EventHandler[passthrough_event_spec(str, str)] = prop(
        doc="Key, and why it did not arrive: lost, refused or gone."
    )

    def add_imports(self) -> dict[str, list[ImportVar]]:  # type: ignore[override]
        """What the script needs of React."""
        return {
            "react": [ImportVar(name) for name in ("useEffect", "useRef", "useState")],
            "@emotion/react": [ImportVar("jsx")],
        }

    def add_custom_code(self) -> list[str]:
        """The script, once a page."""
        return [SCRIPT]


def uploader(*children: Child, jobs: rx.Var[Any], accept: str, **props: Any) -> rx.Component:
    """Draw a place to drop files on, or to press and choose them.

    Args:
        children: what it says; the first words are the accessible name of the file field.
        jobs: a Var of what is to be sent now (see above).
        accept: types and endings, as of an ``<input type=file>``.
        props: ``multiple``, ``disabled``, ``on_choose``, ``on_progress``, ``on_sent``,
            ``on_broken``; each argument of these comes from a browser and may be anything.
    """
    return Uploader.create(
        *children,
        jobs=jobs,
        accept=accept,
        class_name="flex cursor-pointer flex-col items-center justify-center gap-1 rounded-lg "
        "border border-dashed border-edge bg-card px-5 py-6 text-center transition-colors "
        "hover:border-brand focus-within:outline-2 focus-within:outline-offset-2 "
        "focus-within:outline-brand data-[over]:border-brand data-[over]:bg-brand-soft "
        "has-[:disabled]:cursor-default has-[:disabled]:opacity-60",
        **props,
    )
