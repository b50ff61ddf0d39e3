// Sets the chosen theme before the first paint. Browsers keep this file for a year, so a new version needs a new name.
{
  const theme = localStorage.getItem("pixtag:theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
}
