// A menu of the frame opens without a script; this closes it again by Escape or by a click elsewhere.
(() => {
  const openMenus = () => document.querySelectorAll(".side details[open]");

  const home = (menu) => (menu.matches(".side-fold") ? menu.closest(".side") : menu);

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!home(menu).contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
