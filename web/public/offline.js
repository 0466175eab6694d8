// Goes back to the app as soon as the server answers; a file of its own because the policy allows no inline script.
{
  const EVERY_MS = 3_000; // soon enough for whoever waits, rare enough for a phone
  const state = document.getElementById('state');
  const words = state.textContent;
  const look = async () => {
    try {
      if ((await fetch('/healthz', { cache: 'no-store' })).ok) location.reload();
    } catch {
      state.textContent = words;
    }
  };
  document.getElementById('again').addEventListener('click', () => {
    state.textContent = 'Trying…';
    void look();
  });
  addEventListener('online', look);
  setInterval(look, EVERY_MS);
}
