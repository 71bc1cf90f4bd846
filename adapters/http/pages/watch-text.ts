import { moment, shortCommit } from './figures.ts';
import { type Html, html } from './html.ts';
import type { Place } from './place.ts';

/** In a few words: what a deployment follows, or why it does not for now. Null where nothing is watched or pinned. */
export function watchWords({ answer: { watch, pin } }: Place): Html | null {
  if (watch?.rests != null) return html`rests: ${watch.rests}`;
  if (watch !== null) return html`follows ${watch.branch ?? 'the default branch'}`;
  return pin === null ? null : html`pinned to release ${pin.target}`;
}

/** Everything about it, as terms of a list. @param pinnedAt ISO 8601 */
export function watchTerms(place: Place, pinnedAt: string | null): Html[] {
  const { answer, remote, seenCommit, failedCommit } = place;
  const { watch, pin } = answer;
  const terms: Html[] = [];
  const term = (name: string, value: Html) => terms.push(html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  if (watch === null) term('Pushes', html`not followed`);
  else if (watch.rests !== null) term('Pushes', html`rest: ${watch.rests}`);
  else term('Pushes', html`followed: ${watch.branch ?? 'default branch'} of ${watch.repository}`);
  if (pin !== null) {
    const since = pinnedAt === null ? null : html` since ${moment(pinnedAt)}`;
    term('Pinned', html`to release ${pin.target}${since}, until the next deploy`);
  }
  if (watch !== null && seenCommit !== null) term('Last seen commit', html`${shortCommit(seenCommit)}`);
  if (failedCommit !== null) {
    term('Last failed commit', html`${shortCommit(failedCommit.commit)} with release ${failedCommit.release}`);
  }
  if (remote?.askedAt != null) term('Remote asked', moment(remote.askedAt));
  if (remote?.problem) term('Remote', html`<span class="problem">${remote.problem.message}</span>`);
  return terms;
}
