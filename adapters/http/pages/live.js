// Keeps a page as the server would show it now. Every value of it was escaped there: nothing here makes markup of a text.
const main = document.querySelector('main');
const state = document.getElementById('live');
const shownLines = 2000;
const pauseMs = 250;
const followed = new WeakSet();

let busy = false;
let again = false;

/** One look at a time; what happens meanwhile is seen by the next one. */
async function refresh() {
  if (document.hidden) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  again = false;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    const next = mainOf(await response.text());
    // The session ended, or the server is not ready.
    if (next?.id !== main.id) return response.status < 500 ? location.reload() : tell('The server does not answer.');
    morph(main, next);
    followOutput();
  } catch {
    // The event stream notices as well, and comes back when the server does.
  } finally {
    setTimeout(() => {
      busy = false;
      if (again) void refresh();
    }, pauseMs);
  }
}

/** Without the style of the page, which a policy of this one would complain about. No value holds a tag. */
function mainOf(page) {
  const text = page.slice(page.indexOf('<main'), page.lastIndexOf('</main>'));
  return new DOMParser().parseFromString(text, 'text/html').querySelector('main');
}

/** Makes `old` like `next` and leaves alone what is so already, with its focus, selection and place of scrolling. */
function morph(old, next) {
  if (old.isEqualNode(next)) return;
  for (const { name } of [...old.attributes]) {
    // What somebody closed stays closed.
    if (!next.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== 'open' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // Its lines come by themselves.
  if (old.hasAttribute('data-follow')) return;
  let place = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    let found = place;
    while (found && !same(found, wanted)) found = found.nextSibling;
    if (!found) {
      old.insertBefore(document.adoptNode(wanted), place);
      continue;
    }
    while (place !== found) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    if (wanted.nodeType === Node.ELEMENT_NODE) morph(found, wanted);
    else if (found.data !== wanted.data) found.data = wanted.data;
    place = place.nextSibling;
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

function same(a, b) {
  return a.nodeName === b.nodeName && a.id === b.id && a.dataset?.key === b.dataset?.key;
}

/** Output of a release that is being made, line by line. */
function followOutput() {
  for (const pre of main.querySelectorAll('pre[data-follow]')) {
    if (followed.has(pre)) continue;
    followed.add(pre);
    void follow(pre).catch(() => {});
  }
}

async function follow(pre) {
  const response = await fetch(pre.dataset.follow);
  if (!response.ok) return;
  // The stream begins at the beginning.
  pre.textContent = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done || !pre.isConnected) return reader.cancel();
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    const atEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 4;
    for (const line of lines) if (line !== '') pre.append(`${JSON.parse(line).line}\n`);
    while (pre.childNodes.length > shownLines) pre.firstChild.remove();
    if (atEnd) pre.scrollTop = pre.scrollHeight;
  }
}

function tell(text) {
  if (state.textContent !== text) state.textContent = text;
}

let events;

/** Browsers have six connections for a server: tabs that nobody looks at hold none of them. */
function listen() {
  if (document.hidden || events) return;
  const { types, patterns } = document.body.dataset;
  events = new EventSource(`/management/api/events?type=${encodeURIComponent(patterns)}`);
  events.onopen = () => {
    tell('Live');
    // What happened while nobody listened.
    void refresh();
  };
  events.onerror = () => {
    tell('Not live: waiting for the server');
    if (events.readyState !== EventSource.CLOSED) return;
    // It was refused, and does not try again by itself.
    events = undefined;
    setTimeout(listen, 2000);
  };
  for (const type of types.split(' ')) events.addEventListener(type, refresh);
}

function stopListening() {
  events?.close();
  events = undefined;
}

listen();
followOutput();
// Figures come without an event.
setInterval(refresh, Number(document.body.dataset.every));
document.addEventListener('visibilitychange', () => (document.hidden ? stopListening() : listen()));
