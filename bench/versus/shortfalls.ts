import type { Profile } from './profile.ts';
import { figuresOf, type Report } from './report.ts';
import { short } from './tables.ts';

/** Queues are called by a program without HTTP: what stands between is this project's gateway. */
const cheaper = 'Needed: less processor time for each call in the gateway, where it goes as for the first figure.';

/** For a figure that a run did not reach: where the time goes in that run, and what would be needed. By name of target. */
export const shortfalls: Readonly<Record<string, (report: Report) => string>> = {
  fastify: (report) =>
    `${costOf(report, 'ploinky', 'fastify-proxy')} ${withoutLog(report)} ${busyWith(report, 'durable calls')} Needed: fewer writes and reads of the system for each call, or more processes (${cluster(report)}).`,
  nginx: (report) =>
    `${costOf(report, 'ploinky', 'nginx-proxy')} ${withoutLog(report)} nginx uses every core and no garbage collector. Needed: the gateway on several cores (${cluster(report)}), or its HTTP side outside of JavaScript.`,
  'bullmq-always': (report) =>
    `${costOf(report, 'ploinky', 'bullmq-always')} ${withoutLog(report)} ${disk(report)} ${cheaper}`,
  'bullmq-everysec': (report) =>
    `${costOf(report, 'ploinky', 'bullmq-everysec')} There a power failure takes the calls of the last second; here none. ${withoutLog(report)} ${disk(report)} ${cheaper}`,
  graphile: (report) =>
    `${costOf(report, 'ploinky', 'graphile-worker')} ${withoutLog(report)} ${disk(report)} ${cheaper}`,
  'queue-latency': () =>
    'One caller waits for two notices of the kernel and six operations on files; most of it is the way from one process to the other. Needed: a quieter machine, or the http transport.',
  'queue-rate': () =>
    'Each call writes, renames, reads and removes two files in both processes, and each rename wakes a watcher. Needed: several tasks in one file, which older agents would not understand.',
  'pass-through': (report) =>
    `${costOf(report, 'pass-through-agent', 'nginx-core')} ${busyWith(report, 'pass-through')} Each request is read and written twice, each time by a call of the system through Node's streams, which costs most of it. Needed: sockets below Node's streams, or several processes.`,
  memory: () =>
    'What is kept of calls for a while (outcomes, counters, the heap that V8 has taken) still grows towards its bounds in the first half: `PLOINKY_MEMORY_CALLS=300000 npm run torture -- memory` shows whether it goes on growing. Needed: lower bounds, or a longer warm-up.',
  spread: (report) => {
    const [ours, bare] = [figuresOf(report, 'ploinky', 50), figuresOf(report, 'bare-agent', 50)];
    const other = bare ? ` In the same run it is ${short(bare.p99 / bare.p50)} for the bare agent.` : '';
    return `p50 ${short(ours?.p50 ?? Number.NaN)} ms, p99 ${short(ours?.p99 ?? Number.NaN)} ms.${other} A tail comes from slow syncs of the disk, from the garbage collector, and from who else has the processors.`;
  },
};

function costOf(report: Report, one: string, other: string): string {
  const [ours, theirs] = [figuresOf(report, one, 50), figuresOf(report, other, 50)];
  if (!ours || !theirs) return '';
  const cost = (name: string, { cpu, cpuWithAgents }: typeof ours) =>
    `${name} ${short(cpu)} s (${short(cpuWithAgents)} s)`;
  return `Processor time of 1,000 calls, with agents in brackets: here ${cost('', ours).trim()}, ${cost('there', theirs)}.`;
}

function withoutLog(report: Report): string {
  const [ours, bare] = [figuresOf(report, 'ploinky', 50), figuresOf(report, 'ploinky-no-log', 50)];
  if (!ours || !bare) return '';
  return `Without its log the same gateway does ${short(bare.callsPerSecond / ours.callsPerSecond)} × as many calls.`;
}

function cluster(report: Report): string {
  const [ours, many] = [figuresOf(report, 'ploinky', 50), figuresOf(report, 'ploinky-cluster', 50)];
  if (!ours || !many) return 'not measured in this run';
  return `in this run a worker for each core gave ${short(many.callsPerSecond / ours.callsPerSecond)} ×`;
}

function busyWith(report: Report, of: Profile['of']): string {
  const parts = report.profiles.find((profile) => profile.of === of)?.parts.slice(0, 3) ?? [];
  if (parts.length === 0) return '';
  const named = parts.map(({ part, share }) => `${part} ${(share * 100).toFixed(0)} %`);
  return `Most of the server's busy time is ${named.join('; ')}.`;
}

function disk({ machine }: Report): string {
  return `A sync of this disk takes ${machine.fdatasyncMs} ms, and each group of calls waits for two.`;
}
