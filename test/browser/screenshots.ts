// Makes the pictures of docs/management-page.md from a real run: node dist/test/browser/screenshots.js docs/images
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { AgentFiles } from '../agent-repository.ts';
import { eventually, type Operator } from '../crash/operator.ts';
import { onAgentsGround } from '../supervision/agents-ground.ts';
import { startChromium } from './chromium.ts';

const greets = "module.exports = { hello: (name) => 'Hello, ' + name + '!' };\n";

const agents: Readonly<Record<string, AgentFiles>> = {
  greeter: { 'manifest.json': JSON.stringify({ network: 'none' }), 'index.js': greets },
  shop: {
    'manifest.json': JSON.stringify({
      install: 'sh install.sh',
      network: 'none',
      warm: 1,
      volumes: { orders: '/orders' },
    }),
    'install.sh': `echo 'fetching 3 parts'
for part in cart catalogue checkout; do echo "+ $part"; done
until [ -e "$GATE" ]; do sleep 0.1; done
echo 'done'
`,
    'index.js': greets,
  },
  reports: {
    'manifest.json': JSON.stringify({ network: 'none' }),
    'index.js': `
const { existsSync } = require('node:fs');
if (existsSync(process.env.FULL)) {
  console.error('cannot write /reports/2026-11.csv: ENOSPC: no space left on device');
  process.reallyExit(1);
}
module.exports = { leave() { setTimeout(() => process.reallyExit(1), 20); return 'bye'; } };
`,
  },
};

async function main(folder: string): Promise<void> {
  const marks = mkdtempSync(join(tmpdir(), 'ps-marks-'));
  const [gate, full] = [join(marks, 'gate'), join(marks, 'full')];
  const browser = await startChromium();
  try {
    await onAgentsGround({ agents, settings: { engine: 'process', 'metrics.sampleEveryMs': 1_000 } }, (ground) =>
      take(browser, ground.operator, ground.server.url, { folder, gate, full }),
    );
  } finally {
    await browser.close();
    rmSync(marks, { recursive: true, force: true });
  }
}

async function take(
  browser: Browser,
  operator: Operator,
  url: string,
  { folder, gate, full }: { folder: string; gate: string; full: string },
): Promise<void> {
  const deploy = async (path: string, agent: string, more: object = {}, wait = true) => {
    const route = `/management/api/deployments${wait ? '' : '?wait=false'}`;
    const { status, body } = await operator.request('POST', route, { domain: 'localhost', path, agent, ...more });
    if (status >= 300) throw new Error(JSON.stringify(body));
  };
  const shop = { repository: 'own', environment: { GATE: gate }, watch: true };
  await Promise.all([
    deploy('/chat', 'chat'),
    deploy('/site', 'static-site'),
    deploy('/greeter', 'greeter', { repository: 'own' }),
    deploy('/reports', 'reports', { repository: 'own', environment: { FULL: full } }),
  ]);
  writeFileSync(full, '');
  await operator.request('POST', '/reports/leave');

  const context = await browser.newContext({ viewport: { width: 1180, height: 760 } });
  const page = await context.newPage();
  await logIn(page, url, operator.apiKey);
  await deploy('/shop', 'shop', shop, false);
  await page.goto(`${url}/management/deployment?of=localhost/shop`);
  await page.getByText('+ checkout').waitFor();
  await page.screenshot({ path: join(folder, 'management-install.png') });

  writeFileSync(gate, '');
  await eventually('the release', 60, async () => {
    const { body } = await operator.request('GET', '/management/api/deployments');
    return (
      body.deployments.some((one: { path: string; warm: number }) => one.path === '/shop' && one.warm === 1) ||
      undefined
    );
  });
  await deploy('/shop', 'shop', { ...shop, environment: { GATE: gate, MORE: '1' } });
  const back = { domain: 'localhost', path: '/shop', release: 1 };
  await operator.request('POST', '/management/api/deployments/rollback', back);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByText('rest: pinned by the rollback').waitFor();
  await page.locator('tr[data-key="3"]').getByText('serves').waitFor();
  await page.locator('td[data-head="CPU"]').getByText('%').first().waitFor();
  await page.screenshot({ path: join(folder, 'management-deployment.png') });

  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${url}/management`);
  await page.getByText(/crash loop: ended \d+ times in a row/).waitFor();
  await page.locator('td[data-head="CPU"]').getByText('%').first().waitFor();
  await page.screenshot({ path: join(folder, 'management-overview.png') });
  await page.setViewportSize({ width: 390, height: 760 });
  await page.screenshot({ path: join(folder, 'management-narrow.png') });
}

async function logIn(page: Page, url: string, apiKey: string): Promise<void> {
  await page.goto(`${url}/management`);
  await page.getByLabel('API key').fill(apiKey);
  await page.keyboard.press('Enter');
  await page.getByText('Live', { exact: true }).waitFor();
}

await main(process.argv[2] ?? 'docs/images');
