import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { withoutEngine } from '../engines/live-engine.ts';
import { program, startChromium } from './chromium.ts';

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
      page.setDefaultTimeout(50_000);
      return page;
    });
  });
}
