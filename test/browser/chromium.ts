import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { withoutEngine } from '../engines/live-engine.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const programs = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
const program = process.env.PLOINKY_CHROMIUM ?? programs.find(canRun);

/** A browser that reaches this machine and nothing else. @throws where there is none */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    ...(program === undefined ? {} : { executablePath: program }),
    // Its own sandbox cannot be had by root; every page that it shows here is one of ours.
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
  });
}

/** Opens pages, each as somebody else sees it: with cookies and a cache of its own. */
export type OpenPage = (options?: BrowserContextOptions) => Promise<Page>;

/** A suite in a real browser. Without one it is skipped and says why; where live suites are required it fails instead. */
export function describeInBrowser(title: string, suite: (open: OpenPage) => void): void {
  if (program === undefined) {
    withoutEngine(title, 'there is no Chromium on this machine (on Debian: apt-get install chromium)');
    return;
  }
  describe(title, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium();
    });
    afterAll(() => browser?.close());
    suite(async (options = {}) => {
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(20_000);
      return page;
    });
  });
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
