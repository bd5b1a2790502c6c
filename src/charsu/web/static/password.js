// Beside a new password: how strong its length makes it, and a button that shows it.
(() => {
  const LONGER = 4; // letters from one level to the next

  const level = (letters, least) => {
    if (letters === 0) return 0;
    if (letters < least) return 1;
    return Math.min(4, 2 + Math.floor((letters - least) / LONGER));
  };

  const measure = (field, gauge) => {
    const reached = level([...field.value.normalize("NFKC")].length, Number(gauge.dataset.least));
    gauge.dataset.level = reached;
    const word = reached ? gauge.dataset.words.split("|")[reached - 1] : "";
    const shown = gauge.querySelector(".strength-word");
    if (shown.textContent !== word) shown.textContent = word;
  };

  const offerToShow = (field, button) => {
    const words = [button.textContent, button.dataset.hide];
    button.hidden = false;
    button.addEventListener("click", () => {
      const isShown = field.type === "password";
      field.type = isShown ? "text" : "password";
      button.textContent = words[Number(isShown)];
      button.setAttribute("aria-pressed", isShown);
      field.focus();
    });
    // Sent as a password, or the browser would keep it among what was typed before.
    field.form.addEventListener("submit", () => { field.type = "password"; });
  };

  document.addEventListener("DOMContentLoaded", () => {
    const field = document.getElementById("password");
    const gauge = document.querySelector(".strength");
    field.addEventListener("input", () => measure(field, gauge));
    measure(field, gauge);
    offerToShow(field, document.querySelector(".password-show"));
  });
})();
