import { readdir, rm, symlink, truncate, utimes } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changingFiles, settledFiles } from '../../../../adapters/http/files/folder-files.ts';
import { ServedFolder } from './served-folder.ts';

const script = 'const greeting = "Good day";\n'.repeat(400);
const film = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
let served: ServedFolder;

beforeAll(async () => {
  served = await ServedFolder.make({
    'secret.txt': 'outside',
    'public/index.html': '<h1>Home</h1>',
    'public/about.html': '<h1>About</h1>',
    'public/docs/index.html': '<h1>Docs</h1>',
    'public/a b&c.txt': 'spaces',
    'public/app.js': script,
    'public/small.js': 'tiny',
    'public/film.mp4': film,
    'public/data.bin': Buffer.alloc(0),
    'public/packed.css': 'a{color:red}'.repeat(200),
    'public/packed.css.br': brotliCompressSync('packed by its author'),
    'public/.env': 'hidden',
    'public/.git/config': 'hidden',
    'public/.well-known/security.txt': 'Contact: mailto:a@example.org',
    'public/manifest.json': '{}',
    'public/empty/.keep': '',
  });
  const at = (path: string) => join(served.folder, 'public', path);
  await symlink('../secret.txt', at('out.txt'));
  await symlink('..', at('up'));
  await symlink('.', at('self'));
  await symlink('.env', at('env.txt'));
  await symlink('about.html', at('alias.html'));
  await symlink('../secret.txt', at('small.js.gz'));
  await symlink('/etc', at('etc'));
});
beforeEach(() => {
  served.site = { ...served.site, spa: false, withheld: new Set() };
});
afterAll(() => served.clear());

describe('a site', () => {
  it.each([
    ['/site/', 'text/html; charset=utf-8', '<h1>Home</h1>'],
    ['/site/index.html', 'text/html; charset=utf-8', '<h1>Home</h1>'],
    ['/site/about', 'text/html; charset=utf-8', '<h1>About</h1>'],
    ['/site/docs/', 'text/html; charset=utf-8', '<h1>Docs</h1>'],
    ['/site/alias.html', 'text/html; charset=utf-8', '<h1>About</h1>'],
    ['/site/a%20b&c.txt', 'text/plain; charset=utf-8', 'spaces'],
    ['/site/data.bin', 'application/octet-stream', ''],
    ['/site/.well-known/security.txt', 'text/plain; charset=utf-8', 'Contact: mailto:a@example.org'],
  ])('has %s', async (path, type, text) => {
    const { status, headers, body } = await served.get(path);
    expect([status, headers['content-type'], String(body)]).toEqual([200, type, text]);
    expect(headers).toMatchObject({
      'content-length': String(text.length),
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=0, must-revalidate',
      'accept-ranges': 'bytes',
    });
  });

  it.each([
    '/site/.env',
    '/site/%2eenv',
    '/site/.git/config',
    '/site/out.txt',
    '/site/up/secret.txt',
    '/site/env.txt',
    '/site/etc/passwd',
    '/site/empty/',
    '/site/empty',
    '/site/app.js/',
    '/site/none',
  ])('does not have %s', async (path) => {
    const { status, body } = await served.get(path);
    expect([status, String(body)]).toEqual([404, '']);
  });

  it('gives nothing away that lies outside or is hidden, whatever is asked for', async () => {
    const part = fc.constantFrom(
      ...[
        '..',
        '.',
        '',
        'up',
        'self',
        'etc',
        'public',
        'docs',
        'passwd',
        'secret.txt',
        'out.txt',
        'env.txt',
        '.env',
        '.git',
      ],
      ...[
        'config',
        '%2e%2e',
        '.%2e',
        '%2E.',
        '..%2f',
        '%2f',
        '%5c..',
        '..%5c',
        '%00',
        '%2e',
        '%252e%252e',
        '..;',
        '...',
        '%c0%ae',
      ],
    );
    const path = fc.array(part, { maxLength: 7 }).map((parts) => `/site/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(path, async (asked) => {
        const { body } = await served.get(asked);
        expect(String(body)).not.toMatch(/outside|hidden|root:/);
      }),
      { numRuns: 300 },
    );
  });

  it('asks for the slash of a folder, for the sake of relative links, and keeps the query', async () => {
    for (const [path, location] of [
      ['/site', '/site/'],
      ['/site/docs?q=1&r=//x', '/site/docs/?q=1&r=//x'],
    ] as const) {
      const { status, headers } = await served.get(path);
      expect([status, headers.location]).toEqual([302, location]);
    }
  });

  it('keeps back what is named, in its own folder alone', async () => {
    served.site = { ...served.site, withheld: new Set(['manifest.json']) };
    expect((await served.get('/site/manifest.json')).status).toBe(404);
    expect((await served.get('/site/MANIFEST.json')).status).toBe(404);
    expect((await served.get('/site/self/manifest.json')).status).toBe(404);
    expect((await served.get('/site/up/public/manifest.json')).status).toBe(404);
    await served.write({ 'public/docs/manifest.json': '{"pwa":1}' });
    expect((await served.get('/site/docs/manifest.json')).status).toBe(200);
  });

  it('answers HEAD like GET, without the content', async () => {
    for (const headers of [{}, { 'accept-encoding': 'br' }]) {
      const whole = await served.get('/site/app.js', headers);
      const head = await served.get('/site/app.js', headers, 'HEAD');
      expect(head.body.length).toBe(0);
      expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' });
    }
  });

  it('shows its own page where nothing is', async () => {
    await served.write({ 'public/404.html': '<h1>Lost</h1>' });
    const { status, headers, body } = await served.get('/site/none', { range: 'bytes=0-1', 'if-none-match': '*' });
    await rm(join(served.folder, 'public/404.html'));
    expect([status, String(body)]).toEqual([404, '<h1>Lost</h1>']);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers.etag).toBeUndefined();
  });
});

describe('a single-page application', () => {
  const page = { accept: 'text/html,application/xhtml+xml' };
  beforeEach(() => {
    served.site = { ...served.site, spa: true };
  });

  it('shows its page at every address that a browser goes to', async () => {
    for (const path of ['/site/orders/17', '/site/orders/', '/site/docs/deep/er']) {
      const { status, body } = await served.get(path, page);
      expect([status, String(body)]).toEqual([200, '<h1>Home</h1>']);
    }
  });

  it('but not in place of a file, and not to programs', async () => {
    expect((await served.get('/site/gone.js', page)).status).toBe(404);
    expect((await served.get('/site/orders/17', { accept: 'application/json' })).status).toBe(404);
    expect((await served.get('/site/.env', page)).status).toBe(404);
    expect(String((await served.get('/site/about.html', page)).body)).toBe('<h1>About</h1>');
  });
});

describe('what the browser has already', () => {
  it('is told by tag and by time', async () => {
    const { headers } = await served.get('/site/app.js');
    const known = [
      { 'if-none-match': headers.etag ?? '' },
      { 'if-modified-since': headers['last-modified'] ?? '' },
    ] as const;
    for (const condition of known) {
      const again = await served.get('/site/app.js', condition as Record<string, string>);
      expect([again.status, again.body.length]).toEqual([304, 0]);
      expect(again.headers).toMatchObject({
        etag: headers.etag,
        vary: 'Accept-Encoding',
        'cache-control': 'public, max-age=0, must-revalidate',
      });
    }
    expect((await served.get('/site/app.js', { 'if-match': '"other"' })).status).toBe(412);
  });

  it('is another thing once the file changed, if only in its time', async () => {
    await served.write({ 'public/news.txt': 'one' });
    const first = await served.get('/site/news.txt');
    await utimes(join(served.folder, 'public/news.txt'), new Date(), new Date(1_700_000_000_123));
    const second = await served.get('/site/news.txt', { 'if-none-match': first.headers.etag ?? '' });
    expect(second.status).toBe(200);
    expect(second.headers.etag).not.toBe(first.headers.etag);
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=1000-1999', 1000, 2000],
    ['bytes=-500', 299_500, 300_000],
    ['bytes=100-', 100, 300_000],
    ['bytes=-999999', 0, 300_000],
  ])('%s', async (range, start, end) => {
    const { status, headers, body } = await served.get('/site/film.mp4', { range });
    expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${end - 1}/300000`]);
    expect(headers['content-length']).toBe(String(end - start));
    expect(body.equals(film.subarray(start, end))).toBe(true);
  });

  it('beyond the end are refused', async () => {
    const { status, headers, body } = await served.get('/site/film.mp4', { range: 'bytes=300000-' });
    expect([status, headers['content-range'], body.length]).toEqual([416, 'bytes */300000', 0]);
  });

  it('of a file that is another by now get all of it', async () => {
    const { headers } = await served.get('/site/film.mp4', {}, 'HEAD');
    const resume = async (condition: string) =>
      (await served.get('/site/film.mp4', { range: 'bytes=5-', 'if-range': condition })).status;
    expect(await resume(headers.etag ?? '')).toBe(206);
    expect(await resume(headers['last-modified'] ?? '')).toBe(206);
    expect(await resume('"other"')).toBe(200);
    expect(await resume(`W/${headers.etag}`)).toBe(200);
  });

  it('are of the bare file, and tell nothing with HEAD', async () => {
    const { status, headers, body } = await served.get('/site/app.js', { range: 'bytes=0-4', 'accept-encoding': 'br' });
    expect([status, headers['content-encoding'], String(body)]).toEqual([206, undefined, 'const']);
    expect((await served.get('/site/app.js', { range: 'bytes=0-4' }, 'HEAD')).status).toBe(200);
  });

  it('more than one are answered with the whole', async () => {
    const { status, body } = await served.get('/site/film.mp4', { range: 'bytes=0-1,5-6' });
    expect([status, body.length]).toEqual([200, 300_000]);
  });
});

describe('packed', () => {
  it.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['identity', undefined],
    ['br;q=0, gzip;q=0', undefined],
    ['identity;q=1, br;q=0.5', undefined],
    ['deflate', undefined],
  ])('for a client that takes %s: %s', async (accepted, encoding) => {
    const { headers, body } = await served.get('/site/app.js', { 'accept-encoding': accepted });
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'Accept-Encoding']);
    const text = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body;
    expect(String(text)).toBe(script);
    expect(headers['content-length']).toBe(String(body.length));
  });

  it('has a tag of its own for each form, and is compared with that', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (accepted) => {
        const { headers } = await served.get('/site/app.js', { 'accept-encoding': accepted });
        const again = { 'accept-encoding': accepted, 'if-none-match': headers.etag ?? '' };
        expect((await served.get('/site/app.js', again)).status).toBe(304);
        return headers.etag;
      }),
    );
    expect(new Set(tags).size).toBe(3);
    const bare = { 'accept-encoding': 'br', 'if-none-match': tags[2] ?? '' };
    expect((await served.get('/site/app.js', bare)).status).toBe(200);
  });

  it('by its author: that file is sent', async () => {
    const { headers, body } = await served.get('/site/packed.css', { 'accept-encoding': 'gzip, br' });
    expect([headers['content-encoding'], headers['content-type']]).toEqual(['br', 'text/css; charset=utf-8']);
    expect(String(brotliDecompressSync(body))).toBe('packed by its author');
  });

  it('is nothing small, nothing packed by nature, and no link beside it', async () => {
    for (const path of ['/site/small.js', '/site/film.mp4', '/site/data.bin']) {
      const { headers, body } = await served.get(path, { 'accept-encoding': 'br, gzip' });
      expect([headers['content-encoding'], headers['content-length']]).toEqual([undefined, String(body.length)]);
    }
  });

  it('anew once the file changed', async () => {
    const text = async () =>
      String(brotliDecompressSync((await served.get('/site/page.txt', { 'accept-encoding': 'br' })).body));
    await served.write({ 'public/page.txt': 'before '.repeat(300) });
    expect(await text()).toBe('before '.repeat(300));
    await served.write({ 'public/page.txt': 'afterwards '.repeat(300) });
    expect(await text()).toBe('afterwards '.repeat(300));
  });
});

describe('the files of a release', () => {
  beforeEach(() => {
    served.site = { ...served.site, files: settledFiles };
  });
  afterEach(() => {
    served.site = { ...served.site, files: changingFiles };
  });

  it('are read once, and answered with as from disk', async () => {
    await served.write({ 'public/once.txt': 'Good day. '.repeat(200) });
    const requests: [Record<string, string>, string?][] = [
      [{}],
      [{}, 'HEAD'],
      [{ range: 'bytes=-4' }],
      [{ 'accept-encoding': 'br' }],
      [{ 'if-none-match': '*' }],
    ];
    const answers = () =>
      Promise.all(requests.map(([headers, method]) => served.get('/site/once.txt', headers, method)));
    const shown = (replies: Awaited<ReturnType<typeof answers>>) =>
      replies.map(({ status, headers, body }) => [status, { ...headers, date: '' }, String(body)]);
    const first = shown(await answers());
    await rm(join(served.folder, 'public/once.txt'));
    expect(shown(await answers())).toEqual(first);
  });

  it('are streamed from disk where they are large, and packed siblings found again', async () => {
    for (let i = 0; i < 2; i += 1) {
      expect((await served.get('/site/film.mp4')).body.equals(film)).toBe(true);
      expect((await served.get('/site/film.mp4', { range: 'bytes=7-8' })).body.equals(film.subarray(7, 9))).toBe(true);
      const { body } = await served.get('/site/packed.css', { 'accept-encoding': 'br' });
      expect(String(brotliDecompressSync(body))).toBe('packed by its author');
    }
  });

  it('that are none stay none, however often they are asked for', async () => {
    for (const path of ['/site/none', '/site/.env', '/site/out.txt', '/site/up/secret.txt', '/site/etc/passwd']) {
      expect((await served.get(path)).status).toBe(404);
      expect((await served.get(path)).status).toBe(404);
    }
    expect((await served.get('/site/docs')).status).toBe(302);
    expect((await served.get('/site/docs')).status).toBe(302);
  });
});

const descriptors = async () => (await readdir('/proc/self/fd')).length;

describe('a file', () => {
  it('that is cut while it is sent cuts the answer, never to be taken for whole', async () => {
    await served.write({ 'public/shrinks.bin': Buffer.alloc(64 * 1024 * 1024) });
    const file = join(served.folder, 'public/shrinks.bin');
    const { port } = served;
    const received = await new Promise<number | 'whole'>((resolve) => {
      get({ port, host: '127.0.0.1', path: '/site/shrinks.bin', agent: false }, (response) => {
        let bytes = 0;
        response.pause();
        void truncate(file, 1000).then(() => response.resume());
        response.on('data', (part: Buffer) => {
          bytes += part.length;
        });
        response.on('end', () => resolve(response.complete ? 'whole' : bytes));
        response.on('error', () => resolve(bytes));
      });
    });
    expect(received).not.toBe('whole');
  });

  it.runIf(process.platform === 'linux')('is closed again, however the request ends', async () => {
    await served.get('/site/film.mp4');
    const before = await descriptors();
    for (let i = 0; i < 20; i += 1) {
      await served.get('/site/film.mp4');
      await served.get('/site/film.mp4', { range: 'bytes=900000-' });
      await served.get('/site/app.js', { 'accept-encoding': 'br' }, 'HEAD');
      await served.get('/site/packed.css', { 'accept-encoding': 'br', 'if-none-match': '*' });
      await served.get('/site/docs');
      await served.get('/site/app.js/');
      await gone('/site/film.mp4');
    }
    await served.idle();
    expect(await descriptors()).toBeLessThanOrEqual(before + 1);
  });
});

/** Asks, and hangs up at the first byte. */
function gone(path: string): Promise<void> {
  return new Promise((resolve) => {
    const request = get({ port: served.port, host: '127.0.0.1', path, agent: false }, (response) => {
      response.once('data', () => response.destroy());
      response.once('close', () => resolve());
    });
    request.on('error', () => resolve());
  });
}
