import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import { checkSetting, defaultSettings, effectiveSettings } from '../../../core/settings/settings.ts';

function codeOf(name: string, value: unknown): string | null {
  try {
    checkSetting(name, value);
    return null;
  } catch (error) {
    if (isPloinkyError(error)) return error.code;
    throw error;
  }
}

describe('settings', () => {
  it('have defaults that fit', () => {
    for (const [name, value] of Object.entries(defaultSettings))
      expect([name, codeOf(name, value)]).toEqual([name, null]);
  });

  it('keep what the older system started with', () => {
    expect(defaultSettings).toMatchObject({
      port: 8000,
      workersCount: 1,
      metricsRetention: 7,
      logLevel: 'info',
      lastLogsLines: 200,
      enableAuth: false,
      maxTaskTimeout: 300_000,
      'git.allowLocal': false,
    });
  });

  it('lie over the defaults once changed', () => {
    expect(effectiveSettings({ logLevel: 'debug' })).toEqual({ ...defaultSettings, logLevel: 'debug' });
  });

  it.each(['', 'nothing', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'there is none named %j',
    (name) => {
      expect(codeOf(name, 1)).toBe('UNKNOWN_SETTING');
    },
  );

  it.each([
    ['port', 65536],
    ['port', -1],
    ['port', '8000'],
    ['port', 1.5],
    ['port', Number.NaN],
    ['logLevel', 'loud'],
    ['logLevel', null],
    ['engine', 'kubernetes'],
    ['enableAuth', 'true'],
    ['workersCount', 0],
    ['serverName', 'x'.repeat(101)],
    ['defaultImage', ''],
    ['git.timeoutMs', Number.POSITIVE_INFINITY],
    ['git.allowLocal', {}],
  ])('%s does not take %j', (name, value) => {
    expect(codeOf(name, value)).toBe('INVALID_SETTING');
  });

  it('do not take what is nested too deep to be printed', () => {
    expect(codeOf('serverName', JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe('INVALID_SETTING');
  });

  it('never fail in another way, whatever comes', () => {
    const name = fc.oneof(fc.constantFrom(...Object.keys(defaultSettings)), fc.string());
    fc.assert(
      fc.property(name, fc.oneof(fc.jsonValue(), fc.constant(undefined)), (setting, value) => {
        expect([null, 'UNKNOWN_SETTING', 'INVALID_SETTING']).toContain(codeOf(setting, value));
      }),
    );
  });
});
