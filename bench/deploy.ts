// Time from a deploy to the first answer, beside docker run and docker-compose up, each with the same image and program on
// the same Docker: `npm run bench -- deploy [--quick | --rounds=n] [--json]`. DOCKER_HOST names the Docker; the script starts one.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { stagesOf } from './deploy/stages.ts';
import { composeWay, dockerRunWay, type Once, Programs, ploinkyWay, type Way } from './deploy/ways.ts';
import { median } from './rounds.ts';
import { ServerUnderBench } from './server-under-bench.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, rounds: { type: 'string' } },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
const image = process.env.PLOINKY_BENCH_IMAGE ?? 'docker.io/library/node:20-alpine';
const targets = { 'docker run -p': 1.2, 'docker-compose up': 0.6 };

function there(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Interleaved: a noisy machine is noisy to all. The first round is not counted. */
async function measured(ways: readonly Way[]): Promise<Map<string, Once[]>> {
  const seen = new Map<string, Once[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, once } of ways) {
      const one = await once();
      if (round > 0) seen.get(name)?.push(one);
    }
  }
  return seen;
}

const programs = new Programs();
try {
  await ServerUnderBench.during(async (server) => {
    await server.ask('POST', 'settings', { engine: 'docker', defaultImage: image, 'git.allowLocal': true });
    await server.ask('POST', 'repositories', { name: 'own', url: programs.folder });
    const token = await server.token();
    const ways = [
      ploinkyWay(server, token, 'agent'),
      ploinkyWay(server, token, 'service'),
      dockerRunWay(programs, image),
      ...(there('docker-compose') ? [composeWay(programs, image)] : []),
    ];
    const seen = await measured(ways);
    const took = (name: string) => (seen.get(name) ?? []).map(({ ms }) => ms);
    const rows = ways.map(({ name }) => {
      const ratios = Object.keys(targets).flatMap((other) => {
        if (!seen.has(other)) return [];
        // Of the same round, since a busy machine is busy for a while.
        const each = took(name).map((ms, round) => ms / (took(other)[round] ?? Number.NaN));
        return [[`against ${other}`, Number(median(each).toFixed(2))]];
      });
      const all = took(name);
      const range = { fastest: Math.round(Math.min(...all)), slowest: Math.round(Math.max(...all)) };
      return { way: name, 'ms, median': Math.round(median(all)), ...range, ...Object.fromEntries(ratios) };
    });
    const history = await server.lines<EventEnvelope>('history?limit=100000');
    const stages = Object.fromEntries(
      ways.flatMap(({ name }) => {
        const deploys = (seen.get(name) ?? []).flatMap(({ deployment: id, ...one }) => {
          return id === null ? [] : [{ ...one, events: history.filter((event) => isOf(event, id)) }];
        });
        return deploys.length === 0 ? [] : [[name, stagesOf(deploys)]];
      }),
    );
    if (values.json) {
      console.log(JSON.stringify({ bench: 'deploy', rounds, targets, rows, stages }));
      return;
    }
    console.log(`From the command to the first answer, ${rounds} rounds, one way after the other in each`);
    console.table(rows);
    console.log(
      'Stages of a deploy, median ms: from the command to the first event, from event to event, to the first answer',
    );
    console.table(stages);
    if (!there('docker-compose')) console.log('docker-compose is not installed: apt-get install docker-compose');
  });
} finally {
  programs.remove();
}

/** Streams of the deployment, its first release and that one's container. */
function isOf({ stream }: EventEnvelope, id: string): boolean {
  const container = `container:ploinky-${id.replace('/', '-')}-1-`;
  return stream === `deployment:${id}` || stream === `release:${id}#1` || stream.startsWith(container);
}
