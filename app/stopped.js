// Where the app's program stopped by a fault of its own, its state cannot be trusted any more: the page gives way to
// the one in index.html that says what to do. What it had shown as saved is in the device's store.
function stopped(fault) {
  const page = document.getElementById('stopped');
  if (!(fault instanceof WebAssembly.RuntimeError) || !page?.hidden) return;
  document.body.replaceChildren(page);
  page.hidden = false;
  const reload = page.querySelector('button');
  reload.onclick = () => location.reload();
  reload.focus();
}

addEventListener('error', (event) => stopped(event.error));
addEventListener('unhandledrejection', (event) => stopped(event.reason));
