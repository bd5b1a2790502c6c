// Runs before the first paint, so that a page never flashes in the other theme.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // As in document.html; the colours are not on paper.
  const media = {
    auto: "screen and (prefers-color-scheme: dark)",
    dark: "screen",
    light: "not all",
  };

  const show = () => {
    const theme = root.dataset.theme;
    document.getElementById("dark").media = media[theme];
    const shown = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    if (root.dataset.bsTheme === shown) return;
    root.dataset.bsTheme = shown;
    document.dispatchEvent(new Event("charsu:theme"));
  };

  const choose = (theme) => {
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    root.dataset.theme = theme;
    show();
  };

  dark.addEventListener("change", show);
  document.addEventListener("change", (event) => {
    if (event.target.name === "theme") choose(event.target.value);
  });
  show();
})();
