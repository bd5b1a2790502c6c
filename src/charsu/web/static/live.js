// Keeps the board at the present: one stream, whose messages carry the panels that have changed.
(() => {
  const SILENCE_MS = 40000; // the hub gives a sign of life every 15 s
  let source = null;
  let address = "";
  let silence = 0;
  let known = "opening";

  const board = () => document.getElementById("board");

  const tell = (state) => {
    const root = board();
    known = state;
    if (!root) return;
    root.dataset.live = state;
    const note = document.getElementById("lost");
    const shown = document.getElementById("as-of");
    if (state === "lost") {
      note.querySelector("[data-text]").textContent =
        note.dataset.sentence.replace("{time}", shown.textContent.trim());
    }
    note.hidden = state !== "lost";
  };

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => { tell("lost"); open(); }, SILENCE_MS);
    tell("on");
  };

  const factIds = () => new Set([...document.querySelectorAll("#facts li")].map((row) => row.id));

  const draw = async (html) => {
    const before = factIds();
    await htmx.swap({ text: html, sourceElement: board(), target: board(), swap: "none" });
    for (const row of document.querySelectorAll("#facts li")) {
      row.classList.toggle("fact-new", before.size > 0 && !before.has(row.id));
    }
  };

  const open = () => {
    source?.close();
    address = board().dataset.stream;
    const opened = new EventSource(address);
    source = opened;
    opened.addEventListener("panels", (event) => { heard(); draw(event.data); });
    opened.addEventListener("alive", heard);
    opened.addEventListener("error", () => {
      tell("lost");
      // The browser tries again by itself, except after an answer that is no stream.
      if (opened.readyState === EventSource.CLOSED) setTimeout(() => opened === source && open(), 5000);
    });
  };

  const follow = () => {
    if (!board()) return;
    if (board().dataset.stream !== address) open();
    else tell(known); // a board that was just swapped in does not know
  };

  document.addEventListener("DOMContentLoaded", follow);
  document.addEventListener("htmx:after:swap", follow);
  document.addEventListener("htmx:error", () => tell("lost"));
  addEventListener("offline", () => tell("lost"));
  addEventListener("online", () => board() && open());
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && board() && open());
})();
