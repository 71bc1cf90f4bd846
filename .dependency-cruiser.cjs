// The folders are one straight line of imports; each may use what stands before it:
//
//   core ← projections ← decisions ← history ← adapters ← cli
//
// dependency-cruiser reads the compiled dist/, since it cannot parse this TypeScript. Types leave no import there;
// the project references of the tsconfig files hold the same line for them.

/** @param {string[]} folders */
const below = (folders) => `^dist/(${folders.join('|')})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-stands-alone',
      comment: 'core is what everything rests on: it knows events and the log, never what is made of them.',
      severity: 'error',
      from: { path: below(['core']) },
      to: { path: below(['projections', 'decisions', 'history', 'adapters', 'agent-core', 'client', 'cli']) },
    },
    {
      name: 'projections-only-fold',
      comment: 'A projection folds events. If it needs a decision or the world, that belongs into an event first.',
      severity: 'error',
      from: { path: below(['projections']) },
      to: { path: below(['decisions', 'history', 'adapters', 'agent-core', 'client', 'cli']) },
    },
    {
      name: 'decisions-do-not-act',
      comment: 'A decision returns events or effects as data. Adapters act on them.',
      severity: 'error',
      from: { path: below(['decisions']) },
      to: { path: below(['history', 'adapters', 'agent-core', 'client', 'cli']) },
    },
    {
      name: 'pure-folders-touch-nothing',
      comment:
        'projections and decisions are pure: with Node in reach a replay could give another answer than the first run.',
      severity: 'error',
      from: { path: below(['projections', 'decisions']) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'history-only-asks',
      comment:
        'Questions about the past read a log and answer; they act on nothing, so they need neither adapters nor Node.',
      severity: 'error',
      from: { path: below(['history']) },
      to: { path: below(['adapters', 'agent-core', 'client', 'cli']) },
    },
    {
      name: 'adapters-do-not-know-the-cli',
      comment: 'Adapters are wired together by the cli; the other way round nothing could be tested alone.',
      severity: 'error',
      from: { path: below(['adapters']) },
      to: { path: below(['cli', 'client', 'agent-core']) },
    },
    {
      name: 'agent-core-brings-nothing',
      comment: 'agent-core is mounted alone into any image that has a Node: a package or a file of ours is not there.',
      severity: 'error',
      from: { path: below(['agent-core']) },
      to: { pathNot: below(['agent-core']), dependencyTypesNot: ['core'] },
    },
    {
      name: 'client-brings-nothing',
      comment: 'The client also runs in a browser: it has no dependency, neither a package nor another folder.',
      severity: 'error',
      from: { path: below(['client']) },
      to: { pathNot: below(['client']), dependencyTypesNot: ['core'] },
    },
    {
      name: 'simulator-stands-outside',
      comment: 'The simulator makes worlds for the server: it wires it by itself, and nothing of the product needs it.',
      severity: 'error',
      from: { path: below(['simulator']) },
      to: { path: below(['cli', 'client', 'agent-core']) },
    },
    {
      name: 'nothing-needs-the-simulator',
      comment: 'The simulator is not part of what is installed.',
      severity: 'error',
      from: { path: below(['core', 'projections', 'decisions', 'history', 'adapters', 'agent-core', 'client', 'cli']) },
      to: { path: below(['simulator']) },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea, or hide a third one that both need.',
      severity: 'error',
      from: {},
      // An import at the moment of use is no need of the file itself.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
    },
    {
      name: 'not-resolvable',
      comment: 'The import leads nowhere, so nobody knows whether it keeps the line.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages-only',
      comment:
        'What runs in production is named under dependencies; otherwise an installation of the package lacks it.',
      severity: 'error',
      from: { path: '^dist/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/(test|bench)/' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
