import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { git, makeAgentRepository } from '../agent-repository.ts';
import { Ground } from '../trouble/ground.ts';
import { agents, markup } from './agents.ts';
import { describeInBrowser } from './in-browser.ts';

describeInBrowser('The management page', (open) => {
  let ground: Ground;
  let page: Page;
  /** What a page made of markup, or could not load. */
  const complaints: string[] = [];

  beforeAll(async () => {
    ground = await Ground.make({ settings: { 'metrics.sampleEveryMs': 1_000 } });
    const repository = makeAgentRepository(join(ground.folder, 'own'), agents, `Begin ${markup}`);
    git(repository, 'tag', 'v1');
    await ground.addRepository('own', repository);
    await ground.deployed('/crashing', 'crashing', { environment: { BROKEN: join(ground.folder, 'broken') } });
    // Three ends in a row take their time: they go on while other things are tried.
    await ground.call('/crashing', 'leave');
    page = await open();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(() => ground?.clear());

  const management = () => `${ground.server.url}/management`;
  const live = () => page.getByText('Live', { exact: true }).waitFor();
  const row = (key: string) => page.locator(`tr[data-key="${key}"]`);

  it('asks for the key, and says when it is another one', async () => {
    await page.goto(management());
    // The field has the focus already.
    await page.keyboard.type('no such key');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Invalid API key').waitFor();
    complaints.length = 0;
    await page.keyboard.type(ground.operator.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Deployments' }).waitFor();
    await live();
  });

  it('shows a deploy while it happens: the output of its install step, then what serves', async () => {
    const gate = join(ground.folder, 'gate');
    await page.evaluate(() => Object.assign(window, { sameAsBefore: true }));
    const deploy = ground.deploy('/slow', 'slow', { tag: 'v1', environment: { GATE: gate } });
    await row('localhost/slow').getByText('release 1 is being made').waitFor();
    expect(await page.evaluate(() => 'sameAsBefore' in window)).toBe(true);

    await row('localhost/slow').getByRole('link').press('Enter');
    const output = page.getByRole('log', { name: 'Output of release 1' });
    await output.getByText('fetching parts').waitFor();
    await row('1').getByText('installs').waitFor();
    await page.evaluate(() => Object.assign(window, { sameAsBefore: true }));
    writeFileSync(gate, '');
    await row('1').getByText('serves').waitFor();
    await deploy;
    await page.getByText('warm: steps in when another fails').waitFor();
    expect(await page.getByText('all parts are here').isVisible()).toBe(true);
    expect(await page.locator('dl').textContent()).toMatch(/Tag\s*v1/);
    expect(await page.getByRole('region', { name: 'Volumes' }).textContent()).toContain('notes');
    expect(await page.evaluate(() => 'sameAsBefore' in window)).toBe(true);
  });

  it('shows what containers use, as soon as somebody looked', async () => {
    const memory = page.locator('td[data-head="Memory"]').first();
    await memory.getByText(/\d\sMiB/).waitFor();
  });

  it('shows what is watched, and a rollback that pins', async () => {
    const own = { environment: { GATE: join(ground.folder, 'gate') } };
    await ground.deployed('/slow', 'slow', { ...own, watch: true });
    await page.getByText('followed: default branch of own').waitFor();
    const rollback = { domain: 'localhost', path: '/slow', release: 1 };
    const { status } = await ground.operator.request('POST', '/management/api/deployments/rollback', rollback);
    expect(status).toBe(200);
    await page.getByText('rest: pinned by the rollback to release 1').waitFor();
    await page.getByText(/to release 1 since \d{4}-/).waitFor();
  });

  it('names a crash loop, with what the agent wrote last, as text', async () => {
    await page.goto(management());
    const trouble = page.getByRole('status').filter({ hasText: 'Needs attention' });
    await trouble.getByText(/crash loop: ended \d+ times in a row/).waitFor();
    expect(await trouble.locator('pre').textContent()).toContain(markup);
    await trouble.getByRole('link', { name: 'localhost/crashing' }).click();
    await page.getByRole('region', { name: 'Containers' }).getByText('crash loop', { exact: true }).waitFor();
    await live();
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.title()).toContain('localhost/crashing');
    expect(complaints).toEqual([]);
  });

  it('keeps the focus where it is when something changes', async () => {
    await page.goto(management());
    await live();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the content');
    const link = row('localhost/slow').getByRole('link');
    await link.focus();
    const { body } = await ground.operator.request('POST', '/management/api/deployments/scale', {
      domain: 'localhost',
      path: '/slow',
      replicas: 2,
    });
    expect(body.success).toBe(true);
    await row('localhost/slow').getByText('2 of 2').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('localhost/slow');
  });

  it.each(['light', 'dark'] as const)('is readable on a narrow screen, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 340, height: 700 });
    for (const address of [management(), `${management()}/deployment?of=localhost/crashing`]) {
      await page.goto(address);
      await live();
      const { width, faint } = await page.evaluate(lookedAt);
      expect(width, address).toBeLessThanOrEqual(340);
      expect(faint, address).toEqual([]);
    }
  });

  it('asks for nothing while nobody looks at it', async () => {
    await page.goto(management());
    await live();
    const look = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await look(true);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await ground.deployed('/late', 'spa');
    expect(asked).toEqual([]);
    await look(false);
    await row('localhost/late').getByText('active').waitFor();
  });

  it('says when the server is away, and goes on when it is back', async () => {
    await ground.server.kill();
    await page.getByText('Not live: waiting for the server').waitFor();
    await ground.server.start();
    await live();
  });

  it('asks for the key again once the session ended', async () => {
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('API key').waitFor();
    await page.goto(`${management()}/deployment?of=localhost/slow`);
    await page.getByLabel('API key').waitFor();
  });
});

/** Runs in the page: how wide it is, and which words do not stand out from what is behind them (WCAG 2: 4.5 to 1). */
function lookedAt(): { width: number; faint: string[] } {
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = luminance(getComputedStyle(document.documentElement).backgroundColor);
  const contrast = (color: string) => {
    const [dark = 0, light = 0] = [luminance(color), behind].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const words = [...document.querySelectorAll('a, th, td, p, .badge, .problem, .good, .bad, .wait')];
  return {
    width: document.documentElement.scrollWidth,
    faint: words
      .filter((word) => contrast(getComputedStyle(word).color) < 4.5)
      .map((word) => `${word.className} ${word.textContent}`),
  };
}
