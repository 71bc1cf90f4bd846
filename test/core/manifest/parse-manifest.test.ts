import fc from 'fast-check';
import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import { defaultHealth, ResolvedManifest } from '../../../core/events/resolved-manifest.ts';
import { manifestSizeLimit, parseManifest } from '../../../core/manifest/parse-manifest.ts';

const where = 'demo/manifest.json at 1a2b3c4';
const parse = (manifest: unknown) => parseManifest(JSON.stringify(manifest), where);

function refusal(text: string): string {
  try {
    parseManifest(text, where);
  } catch (error) {
    if (isPloinkyError(error, 'MANIFEST_INVALID')) return error.message;
    throw error;
  }
  throw new Error('the manifest was accepted');
}
const refused = (manifest: unknown) => refusal(JSON.stringify(manifest));

describe('a manifest', () => {
  it('may be empty: everything has a default', () => {
    expect(parse({})).toEqual({
      name: '',
      about: '',
      image: null,
      install: null,
      update: null,
      run: null,
      commands: {},
      runTask: null,
      environment: {},
      volumes: [],
      resources: { memoryBytes: null, cpus: null },
      network: 'none',
      transport: null,
      userFirst: false,
      web: null,
      static: null,
      concurrency: null,
      balance: 'leastBusy',
      audit: 'none',
      health: defaultHealth(false),
      restart: 'always',
      warm: 0,
    });
  });

  it('takes every field of the reference', () => {
    const manifest = parse({
      name: 'demo',
      about: 'says hello',
      container: 'docker.io/library/node:20-alpine',
      install: 'npm ci',
      update: 'npm update',
      run: '/agentCore/run.sh',
      commands: { hello: 'node hello.js', 'math.add': 'sh add.sh' },
      runTask: 'node run.js',
      taskRunner: 'http',
      env: ['API_TOKEN'],
      environment: { NODE_ENV: 'production', RETRIES: 3, VERBOSE: true },
      volumes: { data: '/data' },
      resources: { memory: '256m', cpu: 0.5 },
      network: 'none',
      transport: 'queue',
      queue: '.tasks',
      concurrency: 4,
      balance: 'roundRobin',
      audit: 'requests',
      restart: 'on-failure',
      warm: 2,
      homepage: 'https://example.org',
    });
    expect(manifest).toEqual({
      name: 'demo',
      about: 'says hello',
      image: 'docker.io/library/node:20-alpine',
      install: 'npm ci',
      update: 'npm update',
      run: '/agentCore/run.sh',
      commands: { hello: 'node hello.js', 'math.add': 'sh add.sh' },
      runTask: 'node run.js',
      environment: { NODE_ENV: 'production', RETRIES: '3', VERBOSE: 'true' },
      volumes: [{ name: 'data', target: '/data', readOnly: false }],
      resources: { memoryBytes: 256 * 1024 * 1024, cpus: 0.5 },
      network: 'none',
      transport: 'queue',
      userFirst: true,
      web: null,
      static: null,
      concurrency: 4,
      balance: 'roundRobin',
      audit: 'requests',
      health: defaultHealth(false),
      restart: 'on-failure',
      warm: 2,
    });
  });

  it('reads null as absent', () => {
    const fields = ['name', 'about', 'container', 'image', 'install', 'run', 'commands', 'environment', 'volumes'];
    expect(parse(Object.fromEntries(fields.map((field) => [field, null])))).toEqual(parse({}));
  });

  it('takes image as another word for container', () => {
    expect(parse({ image: 'alpine' }).image).toBe('alpine');
    expect(parse({ image: 'alpine', container: 'alpine' }).image).toBe('alpine');
    expect(refused({ image: 'alpine', container: 'debian:12' })).toBe(
      `${where}: /container is "debian:12" but /image is "alpine"; give one of them.`,
    );
  });

  it('takes install, update and run from commands when they are nowhere else', () => {
    const nested = { install: 'npm i', update: 'npm up', run: 'node .' };
    expect(parse({ commands: nested })).toMatchObject({ ...nested, commands: nested });
    expect(parse({ commands: nested, run: 'node main.js' })).toMatchObject({ ...nested, run: 'node main.js' });
  });

  it('makes control characters in labels harmless', () => {
    expect(parse({ about: 'a\u001b[31mred\nline' }).about).toBe('a [31mred line');
  });
});

it('takes names of secrets in place of values', () => {
  const environment = { A: 'plain', N: 5, TOKEN: { secret: 'api-token' } };
  expect(parse({ environment }).environment).toEqual({ A: 'plain', N: '5', TOKEN: { secret: 'api-token' } });
});

describe('a refusal names file, field, expected shape and what was found', () => {
  it.each([
    [[], 'the file should be an object, but is a list.'],
    [{ name: 5 }, '/name should be a string of at most 200 characters, but is 5.'],
    [{ commands: ['a'] }, '/commands should be an object of command lines by command name, but is a list.'],
    [
      { commands: { hi: 1 } },
      '/commands/hi should be a shell command as one string of at most 65536 characters, but is 1.',
    ],
    [{ commands: { '../x': 'ls' } }, '/commands/..~1x should be named by a command name'],
    [{ environment: { A: {} } }, '/environment/A/secret should be the name of a secret, but is nothing.'],
    [
      { environment: { A: { secret: '../x' } } },
      '/environment/A/secret should be the name of a secret, but is "../x".',
    ],
    [{ environment: { A: { secret: 'a..b' } } }, '/environment/A/secret should be the name of a secret'],
    [
      { environment: { A: { secret: 'X', value: 'y' } } },
      '/environment/A should be a value, or {"secret": "NAME"}, but is an object.',
    ],
    [
      { environment: { A: ['x'] } },
      '/environment/A should be a string, a number, a boolean or {"secret": "NAME"}, but is a list.',
    ],
    [{ environment: { 'A B': '1' } }, '/environment/A B should be named by a variable name'],
    [{ env: { TOKEN: 'x' } }, '/env should be a list of names, but is an object.'],
    [
      { container: 'no such image' },
      '/container should be an image reference such as "node:20-alpine", but is "no such image".',
    ],
    [{ container: '-v' }, '/container should be an image reference'],
    [
      { resources: { memory: '256 bananas' } },
      '/resources/memory should be an amount such as "256m" or "1Gi", at least 6 MiB, but is "256 bananas".',
    ],
    [{ resources: { memory: 1024 } }, '/resources/memory should be an amount such as'],
    [
      { resources: { memory: true } },
      '/resources/memory should be an amount such as "256m", "1Gi" or a number of bytes, but is true.',
    ],
    [{ resources: { cpu: 0 } }, '/resources/cpu should be a number of CPUs such as 0.5 or "500m", but is 0.'],
    [{ resources: 'big' }, '/resources should be an object with memory and cpu, but is "big".'],
    [{ network: 'host' }, '/network should be "bridge" or "none", but is "host".'],
    [{ transport: 'carrier pigeon' }, '/transport should be "http" or "queue", but is "carrier pigeon".'],
    [
      { volumes: 'data' },
      '/volumes should be an object of paths by volume name, or a list of "name:/path", but is "data".',
    ],
    [
      { volumes: [{ name: 'x' }] },
      '/volumes/0/target should be an absolute path inside the container, but is nothing.',
    ],
    [{ run: 'a\u0000b' }, '/run should be a shell command as one string'],
  ])('%j', (manifest, message) => {
    expect(refused(manifest)).toContain(`${where}: ${message}`);
  });

  it('says where the file stops being JSON', () => {
    expect(refusal('{\n  "name": "demo",\n  oops\n}')).toBe(
      `${where}: the file is no JSON: "oops" is not expected at line 3, column 3.`,
    );
    expect(refusal('')).toBe(`${where}: the file is no JSON: the end of the file is not expected at line 1, column 1.`);
  });

  it('refuses what is too large before reading it', () => {
    expect(refusal(`"${'x'.repeat(manifestSizeLimit)}"`)).toBe(`${where}: the file is larger than 256 KiB.`);
  });

  it('never repeats a long value in full', () => {
    expect(refused({ network: 'x'.repeat(5_000) }).length).toBeLessThan(250);
  });
});

describe('power over the machine', () => {
  it.each([
    { privileged: true },
    { devices: ['/dev/kvm'] },
    { cap_add: ['SYS_ADMIN'] },
    { capAdd: ['SYS_ADMIN'] },
    { pid: 'host' },
    { ipc: 'host' },
    { userns_mode: 'host' },
    { network_mode: 'host' },
    { network: 'host' },
    { network: 'container:other' },
    { security_opt: ['seccomp=unconfined'] },
    { HostConfig: { Privileged: true } },
    { mounts: [{ source: '/', target: '/host' }] },
    { volumes: ['/var/run/docker.sock:/var/run/docker.sock'] },
    { volumes: { '/etc': '/host-etc' } },
    { volumes: ['./data:/data'] },
    { volumes: ['~/data:/data'] },
    { volumes_from: ['other'] },
  ])('is refused in words: %j', (manifest) => {
    expect(refused(manifest)).toMatch(/never gives to an agent|cannot be mounted|should be "bridge" or "none"/);
  });

  it('is not asked for by saying no', () => {
    expect(parse({ privileged: false, devices: [], cap_add: null, pid: '', ipc: 'private' })).toEqual(parse({}));
  });
});

describe('any text at all', () => {
  const json = fc.json({ maxDepth: 4 });
  const field = fc.constantFrom(
    'name',
    'commands',
    'environment',
    'volumes',
    'resources',
    'network',
    'image',
    '__proto__',
  );
  const nearly = fc.dictionary(field, fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.stringify(value));

  it('is a manifest that events can carry, or a refusal of ours', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, nearly), (text) => {
        try {
          expect(Check(ResolvedManifest, parseManifest(text, where))).toBe(true);
        } catch (error) {
          if (!isPloinkyError(error, 'MANIFEST_INVALID')) throw error;
          expect(error.message.startsWith(where)).toBe(true);
        }
      }),
    );
  });

  it('cannot reach the prototype of anything', () => {
    const text =
      '{"__proto__":{"privileged":false,"image":"evil"},"commands":{"a":"b"},"constructor":{"prototype":{}}}';
    const manifest = parseManifest(text, where);
    expect(manifest.image).toBeNull();
    expect(Object.getPrototypeOf(manifest.commands)).toBe(Object.prototype);
    expect(refusal('{"commands":{"__proto__":"x"}}')).toContain('/commands/__proto__');
    expect(refusal('{"environment":{"__proto__":"x"}}')).toContain('/environment/__proto__');
    expect(({} as Record<string, unknown>).image).toBeUndefined();
  });

  it('may be nested as deep as the size allows', () => {
    expect(refusal(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toContain('should be an object, but is a list');
    expect(refusal('['.repeat(100_000))).toContain('the end of the file');
    expect(refusal(`{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toContain('/name should be a string');
  });
});
