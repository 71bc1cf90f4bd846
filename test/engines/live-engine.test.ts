import { expect, test } from 'vitest';
import { liveIsRequired } from './live-engine.ts';

test('a live suite may be skipped on a desk, not in CI', () => {
  expect(liveIsRequired({})).toBe(false);
  expect(liveIsRequired({ CI: 'false', PLOINKY_REQUIRE_LIVE: '0' })).toBe(false);
  expect(liveIsRequired({ CI: 'true' })).toBe(true);
  expect(liveIsRequired({ PLOINKY_REQUIRE_LIVE: '1' })).toBe(true);
});
