// Finds entries of a long page as one types. Without this script the page is whole, only longer to read.
(() => {
  const box = document.getElementById("filter");
  const groups = [...document.querySelectorAll(".group")];
  const all = document.querySelectorAll("[data-find]").length;

  // What an address points into is opened, as the browser does by itself for what it can.
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement.closest("details")) if (at.open === false) at.open = true;
    (target.closest(".entry") ?? target).scrollIntoView();
  };

  const find = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of groups) {
      let here = 0;
      for (const entry of group.querySelectorAll("[data-find]")) {
        const text = entry.dataset.find.toLowerCase();
        entry.hidden = !words.every((word) => text.includes(word));
        here += !entry.hidden;
      }
      group.hidden = !here;
      if (words.length && here) group.open = true;
      shown += here;
    }
    const told = document.querySelector(".filter output");
    told.textContent = words.length
      ? told.dataset.sentence.replace("{shown}", shown).replace("{all}", all)
      : "";
  };

  if (matchMedia("(max-width: 640px)").matches) groups.forEach((group) => { group.open = false; });
  if (box) {
    box.closest(".filter").hidden = false;
    box.addEventListener("input", find);
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
