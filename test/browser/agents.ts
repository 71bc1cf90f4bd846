import type { AgentFiles } from '../agent-repository.ts';

/** Whoever makes markup of it owns the page. */
export const markup = `<img src="x" onerror="document.title = 'owned'"><script>document.title = 'owned'</script>`;

/** Its install step says something at once, and ends when the file exists that the deploy names as GATE. */
const slow: AgentFiles = {
  'manifest.json': JSON.stringify({ install: 'sh install.sh', network: 'none', warm: 1, volumes: { notes: '/notes' } }),
  'install.sh': `echo 'fetching parts'\nprintf '%s\\n' '${markup.replaceAll("'", `'\\''`)}'\nuntil [ -e "$GATE" ]; do sleep 0.05; done\necho 'all parts are here'\n`,
  'index.js': "module.exports = { hello: (name) => 'Hello, ' + name + '!' };",
};

/** Ends when it is told to, and from then on at each start: for the file exists that the deploy names as BROKEN. */
const crashing: AgentFiles = {
  'manifest.json': JSON.stringify({ network: 'none' }),
  'index.js': `
const { existsSync, writeFileSync } = require('node:fs');
// AgentCore keeps an agent from ending by process.exit().
if (existsSync(process.env.BROKEN)) { console.error(${JSON.stringify(markup)}); process.reallyExit(7); }
module.exports = {
  leave() { writeFileSync(process.env.BROKEN, ''); setTimeout(() => process.reallyExit(7), 20); return 'bye'; },
};`,
};

/** One page that says at which address it was asked for, and goes to others without a request. */
const spa: AgentFiles = {
  'manifest.json': JSON.stringify({ static: { folder: 'public', spa: true } }),
  'public/index.html': `<!doctype html>
<title>spa</title>
<h1></h1>
<button>Go</button>
<script>
  const show = () => { document.querySelector('h1').textContent = location.pathname; };
  document.querySelector('button').onclick = () => { history.pushState(null, '', 'people/ann'); show(); };
  show();
</script>
`,
};

export const agents = { slow, crashing, spa };
