// Sets the colour scheme before the first paint; a file of its own because the policy allows no inline script.
(function () {
  var mode = 'system';
  try {
    mode = localStorage.getItem('pointsman.theme') || 'system';
  } catch (_) {
    // Storage may be switched off; the system's scheme is a fine answer.
  }
  var dark = mode === 'dark' || (mode !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
