import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeAgentRepository } from '../agent-repository.ts';
import { Ground } from '../trouble/ground.ts';
import { agents, markup } from './agents.ts';
import { describeInBrowser } from './in-browser.ts';

describeInBrowser('The examples in a browser, each below a path', (open) => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.make();
    await ground.addRepository('own', makeAgentRepository(join(ground.folder, 'own'), agents));
    await Promise.all([
      ground.deployed('/apps/chat', 'chat'),
      ground.deployed('/apps/node', 'node-app'),
      ground.deployed('/web/site', 'static-site'),
      ground.deployed('/web/spa', 'spa'),
    ]);
  });
  afterAll(() => ground?.clear());
  const at = (path: string) => ground.server.url + path;

  it('chat: two people talk, and markup that one of them says stays text', async () => {
    const enter = async (name: string) => {
      const page = await open();
      await page.goto(at('/apps/chat/'));
      await page.getByLabel('Your name').fill(name);
      await page.keyboard.press('Enter');
      await page.getByText(`Here:`).waitFor();
      return page;
    };
    const ann = await enter('Ann');
    const bob = await enter('Bob');
    await ann.getByText('Here: Ann, Bob').waitFor();
    await bob.getByLabel('Message').fill('Hello, Ann');
    await bob.keyboard.press('Enter');
    await ann.getByText('Hello, Ann').waitFor();
    await ann.getByLabel('Message').fill(markup);
    await ann.keyboard.press('Enter');
    await bob.getByText(markup).waitFor();
    expect([await bob.locator('img').count(), await bob.title()]).toEqual([0, 'Chat']);
    await bob.close();
    await ann.getByText('Here: Ann', { exact: true }).waitFor();
  });

  it('node-app: events come one by one while the answer stays open, and end with the page', async () => {
    const page = await open();
    await page.goto(at('/apps/node/'));
    await page
      .locator('#time')
      .getByText(/^\d{4}-/)
      .waitFor();
    const seen = await page.evaluate(async () => {
      const ticks = new EventSource('ticks?every=20&count=1000');
      const ids: string[] = [];
      await new Promise<void>((resolve) => {
        ticks.onmessage = ({ lastEventId }) => ids.push(lastEventId) === 3 && resolve();
      });
      const { readyState } = ticks;
      ticks.close();
      return { ids: ids.slice(0, 3), open: readyState === EventSource.OPEN };
    });
    expect(seen).toEqual({ ids: ['1', '2', '3'], open: true });
  });

  it('node-app: its form leads to an answer below the same path', async () => {
    const page = await open();
    await page.goto(at('/apps/node/'));
    await page.getByLabel('Your name').fill('A & B');
    await page.getByRole('button', { name: 'Greet me' }).click();
    await page.getByText('Hello, A & B!').waitFor();
    expect(page.url()).toBe(at('/apps/node/hello'));
  });

  it('static-site: links, script and picture work, and a reload takes nothing twice', async () => {
    const page = await open();
    await page.goto(at('/web/site/'));
    await page.getByRole('button', { name: 'Press' }).click();
    await page.locator('#count').getByText('1').waitFor();
    expect(
      await page.locator('img').evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0),
    ).toBe(true);

    const answers: number[] = [];
    const wire = await page.context().newCDPSession(page);
    wire.on('Network.responseReceivedExtraInfo', ({ statusCode }) => answers.push(statusCode));
    await wire.send('Network.enable');
    await page.reload();
    // The page itself, its styles, its script and its picture: nothing has changed since.
    await expect.poll(() => answers.length).toBeGreaterThanOrEqual(4);
    expect(new Set(answers)).toEqual(new Set([304]));

    await page.getByRole('link', { name: 'About this site' }).click();
    await page.getByRole('heading', { name: 'About' }).waitFor();
    expect(page.url()).toBe(at('/web/site/about'));
    await page.goBack();
    const [missing] = await Promise.all([
      page.waitForResponse(at('/web/site/nowhere')),
      page.getByRole('link', { name: 'A page that is not there' }).click(),
    ]);
    expect(missing.status()).toBe(404);
    await page.getByRole('heading', { name: 'Not here' }).waitFor();
  });

  it('a single-page application: an address of its own making can be reloaded', async () => {
    const page = await open();
    await page.goto(at('/web/spa/'));
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('heading', { name: '/web/spa/people/ann' }).waitFor();
    const again = await page.reload();
    expect(again?.status()).toBe(200);
    await page.getByRole('heading', { name: '/web/spa/people/ann' }).waitFor();
  });
});
