import { manifest } from '../adapters/git/test-repository.ts';

/** Answers what proves that it has a value, and never the value. */
const proves = `const { createHmac } = require('node:crypto');
const { existsSync } = require('node:fs');
module.exports = {
  hello: () => 'hello',
  proof: (name, key) => createHmac('sha256', key).update(process.env[name] ?? '').digest('hex'),
  fails: () => { throw new Error('cannot log in with ' + process.env.LEAK); },
  installed: () => existsSync('installed'),
  crash: () => process.kill(process.pid, 'SIGKILL'),
};\n`;

const secrets = (...names: string[]) => Object.fromEntries(names.map((name) => [name.toUpperCase(), { secret: name }]));

/** Its install step and its shell write down how they were called. */
const cautious = 'test -n "$TOKEN" && cat /proc/$$/cmdline /proc/$PPID/cmdline > calls.txt; touch installed';

/** Agents that keep what they are told, and some that shout it. */
export const files: Readonly<Record<string, string>> = {
  'vault/manifest.json': manifest({ install: cautious, environment: { PLAIN: 'hi', ...secrets('token') } }),
  'vault/index.js': proves,
  'chatty/manifest.json': manifest({ environment: secrets('token', 'leak') }),
  'chatty/index.js': `console.log('I was told ' + process.env.LEAK);\n${proves}`,
  'ends/manifest.json': manifest({ run: 'echo "I was told $LEAK"; exit 3', environment: secrets('token', 'leak') }),
  'mute/manifest.json': manifest({ run: 'echo "I was told $LEAK"; sleep 60', environment: secrets('token', 'leak') }),
  'fails/manifest.json': manifest({
    install: 'echo "I was told $LEAK"; exit 1',
    environment: secrets('token', 'leak'),
  }),
  'fails/index.js': proves,
  'asks/manifest.json': manifest({ environment: secrets('absent') }),
  'asks/index.js': proves,
};
