const door = document.getElementById('door');
const room = document.getElementById('room');
const said = document.getElementById('said');
const here = document.getElementById('here');
const say = document.getElementById('say');

/** Relative to the page, so that it works below whatever path it is deployed at. */
function addressOf(name) {
  const address = new URL('socket', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('name', name);
  return address;
}

function line(...parts) {
  const item = document.createElement('li');
  for (const { text, kind } of parts) {
    const part = document.createElement('span');
    if (kind) part.className = kind;
    // Never as HTML: anybody can say anything.
    part.textContent = text;
    item.append(part);
  }
  said.append(item);
  item.scrollIntoView({ block: 'nearest' });
}

function show(message) {
  if (message.here) here.textContent = `Here: ${message.here.join(', ')}`;
  if (message.kind === 'said') line({ text: message.name, kind: 'name' }, { text: message.text });
  else if (message.kind === 'welcome') message.said.forEach(show);
  else line({ text: `${message.name} ${message.kind}`, kind: 'note' });
}

function enter(name, pauseMs = 1000) {
  const socket = new WebSocket(addressOf(name));
  let wait = pauseMs;
  socket.onopen = () => {
    wait = 1000;
    said.replaceChildren();
  };
  socket.onmessage = ({ data }) => show(JSON.parse(data));
  socket.onclose = () => {
    line({ text: 'The connection is gone; trying again …', kind: 'note' });
    setTimeout(() => enter(name, Math.min(2 * wait, 30_000)), wait);
  };
  say.onsubmit = (event) => {
    event.preventDefault();
    const field = say.elements.text;
    if (socket.readyState !== WebSocket.OPEN || field.value.trim() === '') return;
    socket.send(field.value);
    field.value = '';
  };
}

door.addEventListener('submit', (event) => {
  event.preventDefault();
  door.hidden = true;
  room.hidden = false;
  enter(door.elements.name.value);
  say.elements.text.focus();
});
