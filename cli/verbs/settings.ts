import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { jsonText } from '../terminal/output.ts';
import { nextStep } from '../terminal/report-error.ts';
import { block, t, tick } from '../terminal/text.ts';

/** Settings whose values are text even where they look like numbers. */
const textual = new Set(['serverName', 'defaultImage']);

/** `cloud settings` */
export async function showSettings({ session }: Invocation): Promise<void> {
  const settings = await (await session.api()).manage<unknown>('GET', 'settings');
  session.out.result(settings, () => block(jsonText(settings, 2)));
}

/** `cloud settings get` */
export async function getSetting({ session, args: [name = ''] }: Invocation): Promise<void> {
  const settings = await (await session.api()).manage<Record<string, unknown>>('GET', 'settings');
  if (!Object.hasOwn(settings, name)) {
    throw new PloinkyError('INVALID_SETTING', `There is no setting named ${JSON.stringify(name)}.`, {
      hint: `There are: ${Object.keys(settings).join(', ')}.`,
    });
  }
  const value = settings[name];
  session.out.result({ [name]: value }, () => block(typeof value === 'string' ? value : jsonText(value)));
}

/** `cloud settings set` */
export async function setSetting({ session, args }: Invocation): Promise<void> {
  const [name = '', text = ''] = args;
  const value = settingValue(name, text);
  const answer = await (await session.api()).manage('POST', 'settings', { body: { [name]: value } });
  session.out.result(answer, () => t`${tick} Updated ${name} = ${String(value)}`);
  // The schema of all settings takes long to load; whoever reads one need not wait for it.
  const { countsFromNextStart } = await import('../../core/settings/settings.ts');
  // From now on it is this that was asked for last.
  if (name === 'port') await session.cloudFile.update({ askedPort: undefined });
  if (countsFromNextStart(name)) {
    session.out.note(
      nextStep('It counts from the next start of the server on: `p-cli cloud stop`, then `p-cli cloud start`.'),
    );
  }
}

export function settingValue(name: string, text: string): string | number | boolean {
  if (textual.has(name)) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
