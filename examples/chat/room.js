const longestName = 30;
const longestText = 2000;
/** What is said is told again to those who come later. */
const remembered = 50;
/** Whoever is silent for two of these is gone: a connection that a network forgot ends without a word. */
const askEveryMs = 30_000;

/** Everybody hears what anybody says. */
export class Room {
  #people = new Map();
  #said = [];
  #timer = setInterval(() => this.#ask(), askEveryMs);

  constructor() {
    this.#timer.unref();
  }

  enter(connection, wanted) {
    const person = { name: this.#freeName(wanted), connection, heard: true };
    this.#people.set(connection, person);
    connection.send(JSON.stringify({ kind: 'welcome', name: person.name, here: this.#names(), said: this.#said }));
    this.#tell({ kind: 'came', name: person.name, here: this.#names() });

    connection.onText = (text) => this.#hear(person, text);
    connection.onAlive = () => {
      person.heard = true;
    };
    connection.onClose = () => {
      if (this.#people.delete(connection)) this.#tell({ kind: 'went', name: person.name, here: this.#names() });
    };
  }

  close() {
    clearInterval(this.#timer);
    for (const connection of this.#people.keys()) connection.close(1001, 'the server ends');
  }

  #hear(person, text) {
    person.heard = true;
    const line = text.trim().slice(0, longestText);
    if (line === '') return;
    const message = { kind: 'said', name: person.name, text: line, time: new Date().toISOString() };
    this.#said.push(message);
    if (this.#said.length > remembered) this.#said.shift();
    this.#tell(message);
  }

  #tell(message) {
    const text = JSON.stringify(message);
    for (const connection of this.#people.keys()) connection.send(text);
  }

  #ask() {
    for (const person of this.#people.values()) {
      if (!person.heard) person.connection.destroy();
      person.heard = false;
      person.connection.ping();
    }
  }

  #names() {
    return [...this.#people.values()].map(({ name }) => name);
  }

  #freeName(wanted) {
    const name = (wanted ?? '').replace(/\s+/g, ' ').trim().slice(0, longestName) || 'somebody';
    const taken = new Set(this.#names());
    if (!taken.has(name)) return name;
    for (let n = 2; ; n += 1) if (!taken.has(`${name} ${n}`)) return `${name} ${n}`;
  }
}
