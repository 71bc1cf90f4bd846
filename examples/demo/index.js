const { setTimeout: wait } = require('node:timers/promises');

module.exports = {
  hello(name = 'World') {
    return `${process.env.GREETING ?? 'Hello'}, ${name}!`;
  },

  echo(...params) {
    return params;
  },

  /** Numbers come as text from a command line. */
  add(...numbers) {
    const sum = numbers.reduce((total, number) => total + Number(number), 0);
    if (Number.isNaN(sum)) throw new TypeError(`These are not all numbers: ${numbers.join(', ')}`);
    return sum;
  },

  /** The user is part of the task, not a parameter, so that no caller can pretend to be another. */
  whoami() {
    return globalThis.ploinky?.task()?.runForUserId ?? 'nobody in particular';
  },

  async slow(ms = 1000) {
    const time = Math.min(Math.max(Number(ms) || 0, 0), 60_000);
    await wait(time, undefined, { signal: globalThis.ploinky?.task()?.signal });
    return `waited ${time} ms`;
  },

  async fail(message = 'This command always fails.') {
    throw Object.assign(new Error(message), { code: 'DEMO_FAILURE', details: { asked: true } });
  },
};
