// Sets the colour scheme and the density before the first paint; a file of its own because the policy allows no inline script.
{
  let mode = 'system';
  let density = 'comfortable';
  try {
    mode = localStorage.getItem('pointsman.theme') ?? 'system';
    density = localStorage.getItem('pointsman.density') ?? density;
  } catch {
    // Storage may be switched off; the system's scheme is a fine answer.
  }
  const dark = mode === 'dark' || (mode !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.dataset.density = density === 'compact' ? 'compact' : 'comfortable';
}
