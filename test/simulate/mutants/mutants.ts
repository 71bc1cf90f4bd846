import type { Mutant } from '../../../simulator/redirect.ts';

/** The product with one thing broken on purpose, and which invariants may be the one that shows it. */
export interface BrokenProduct extends Mutant {
  readonly name: string;
  readonly shownBy: readonly string[];
  /** Looked for by `npm run torture` only: it takes as long as the others, and shows nothing else of the simulator. */
  readonly long?: true;
}

/** In the words of the compiled modules. Where one does not fit any more, its module was changed: find the new words. */
export const brokenProducts: readonly BrokenProduct[] = [
  {
    name: 'appends are acknowledged before they are written',
    module: 'core/log/committer.js',
    from: 'const failure = await writing;',
    to: 'const failure = null;',
    shownBy: ['acknowledged-kept', 'log-opens'],
  },
  {
    name: 'writes are not synced',
    module: 'core/log/committer.js',
    from: '// LevelDB does not sync unless told to.\n            await batch.write({ sync: true });',
    to: 'await batch.write({ sync: false });',
    shownBy: ['acknowledged-kept', 'log-opens'],
    long: true,
  },
  {
    name: 'after a write of unknown outcome the log writes on',
    module: 'core/log/committer.js',
    from: 'this.#failure = failure;\n        // First it is found out',
    to: 'for (const { reject } of group.appends) reject(failure);\n        return;\n        // First it is found out',
    shownBy: ['acknowledged-kept', 'log-opens', 'head-contiguous'],
    long: true,
  },
  {
    name: 'a release is routed without having answered a health check',
    module: 'decisions/reconcile-releases.js',
    from: 'return answering.length < enough ? steps :',
    to: 'return answering.length < enough && steps.some(({ kind }) => kind === "startContainer") ? steps :',
    shownBy: ['healthy-before-routed'],
  },
  {
    name: 'a container has another name at each attempt, so that the one before is never adopted',
    module: 'adapters/pipeline/start-container.js',
    from: '{ name, replica }, signal);\n    await world.record([started(',
    to: "{ name: attempt > 1 ? name.replace(/-(?=[^-]*$)/, '.' + attempt + '-') : name, replica }, signal);\n    await world.record([started(",
    shownBy: ['converges', 'executed-once'],
  },
  {
    name: 'whatever has a name of ours is taken for ours',
    module: 'adapters/engine/owned-containers.js',
    from: "return { kind: 'foreign' };",
    to: "return { kind: 'ours', id: answer.Id, answer };",
    shownBy: ['nothing-foreign-touched'],
  },
  {
    name: 'a call that an agent may have got is given to another one',
    module: 'adapters/tasks/performer.js',
    from: "outcome.code === 'AGENT_UNREACHABLE'",
    to: "(outcome.code === 'AGENT_UNREACHABLE' || outcome.code === 'TASK_OUTCOME_UNKNOWN')",
    shownBy: ['executed-once'],
    long: true,
  },
  {
    name: 'the outcome of a task is stored twice',
    module: 'adapters/tasks/conclude.js',
    from: 'await store.append(withCallback(end, callback), origin);\n        return end;',
    to: 'await store.append(withCallback(end, callback), origin); await store.append([end], origin);\n        return end;',
    shownBy: ['one-result', 'replay-same'],
  },
  {
    name: 'a reducer looks at the clock of the day',
    module: 'projections/containers.js',
    from: 'draft.since = event.time;',
    to: 'draft.since = new Date().toISOString();',
    shownBy: ['replay-same'],
  },
  {
    name: 'what a crash left in an engine is forgotten',
    module: 'adapters/pipeline/observer.js',
    from: 'for (const name of findings.orphans)',
    to: 'for (const name of [])',
    shownBy: ['converges'],
    long: true,
  },
  {
    name: 'the release before goes on serving beside the new one',
    module: 'decisions/route-release.js',
    from: 'return [routed, ...rolledBack(release), ...replaced];',
    to: 'return [routed, ...rolledBack(release)];',
    shownBy: ['one-serves'],
    long: true,
  },
  {
    name: 'a commit that failed is deployed again by the next look at its remote',
    module: 'decisions/redeploy-on-push.js',
    from: 'if (triedCommits(views, known).includes(push.commit))',
    to: 'if (false)',
    shownBy: ['push-not-retried'],
  },
  {
    name: 'a push redeploys what a rollback had pinned',
    module: 'decisions/watched-branch.js',
    from: 'if (pin)',
    to: 'if (false)',
    shownBy: ['pin-rests'],
    long: true,
  },
  {
    name: 'a container that is kept warm gets requests like the others',
    module: 'decisions/wanted-containers.js',
    from: 'return answering.length <= replicas ? answering : answering.slice(0, replicas);',
    to: 'return answering;',
    shownBy: ['warm-waits'],
    long: true,
  },
  {
    name: 'a prune forgets what can be rolled back to',
    module: 'decisions/needed-releases.js',
    from: 'servedAt !== null).slice(0, most)',
    to: 'servedAt !== null).slice(0, 1)',
    shownBy: ['prune-keeps'],
    long: true,
  },
  {
    name: 'the last words of a container keep the secrets in them',
    module: 'adapters/pipeline/observer.js',
    from: 'output: lastLines(redact(output))',
    to: 'output: lastLines(output)',
    shownBy: ['secret-never-told'],
    long: true,
  },
  {
    name: 'a worker gives requests to what the state that it began with names',
    module: 'adapters/cluster/worker-cloud.js',
    from: 'store.follow(events);',
    to: "store.follow(events.filter(({ type }) => type !== 'deployment.routed'));",
    shownBy: ['converges', 'routed-only', 'files-there', 'nothing-dropped', 'drained-rests'],
    long: true,
  },
];
