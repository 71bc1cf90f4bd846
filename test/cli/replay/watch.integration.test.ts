import { describe, expect, it } from 'vitest';
import { itNeeding } from '../../durability/needs.ts';
import { folderOf, twoReleases } from '../../history/recorded.ts';
import { withServer } from '../archive/ground.ts';
import { Desk } from '../desk.ts';
import { PseudoTerminal, terminalLack } from './pseudo-terminal.ts';

const story = twoReleases();
const routed = story.events.find(({ type }) => type === 'deployment.routed')?.seq as number;

const withFolder = (work: (desk: Desk) => Promise<void>) =>
  Desk.use(async (desk) => {
    await folderOf(desk, story);
    await work(desk);
  });

const linesOf = (text: string) => text.trim().split('\n');

describe('replay where nobody watches', () => {
  it('prints each event with the entities that it changed, a line each', () =>
    withFolder(async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'replay', '--dir', 'srv']);
      expect(exit).toBe(0);
      const lines = linesOf(stdout);
      expect(lines).toHaveLength(story.events.length);
      expect(lines[routed - 1]).toMatch(
        /deployment\.routed .*localhost\/demo#1 serves .*⇒ deployments localhost\/demo, releases localhost\/demo#1$/,
      );
      expect(stdout).toContain('⇒ tasks t1 (gone)');
    }));

  it('prints a part of it as JSON, on the state that came before', () =>
    withFolder(async (desk) => {
      const argv = ['cloud', 'replay', '--dir', 'srv', '--json', '--from', String(routed), '--to', String(routed + 1)];
      const lines = linesOf((await desk.run(argv)).stdout).map((line) => JSON.parse(line));
      expect(lines.map(({ event }) => event.seq)).toEqual([routed, routed + 1]);
      expect(lines[0].changed).toMatchObject([
        { projection: 'deployments', key: 'localhost/demo', entity: { status: 'active', routed: 1 } },
        { projection: 'releases', key: 'localhost/demo#1', entity: { status: 'serving' } },
      ]);
    }));

  it('shows of a key what anybody may see', () =>
    withFolder(async (desk) => {
      const { stdout } = await desk.run(['cloud', 'replay', '--dir', 'srv', '--json', '--from', '2', '--to', '2']);
      expect(JSON.parse(stdout).changed[0]).toMatchObject({ projection: 'keys', entity: { keyId: 'k_1' } });
      expect(JSON.parse(stdout).changed[0].entity.hash).toBeUndefined();
    }));

  it('prints what a server has', () =>
    withServer(async (_server, desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'replay', '--json', '--from', '2', '--to', '3']);
      expect(exit).toBe(0);
      expect(linesOf(stdout).map((line) => JSON.parse(line).event.seq)).toEqual([2, 3]);
      const unknown = await desk.run(['cloud', 'replay', '--from', '9999']);
      expect([unknown.exit, unknown.stdout]).toEqual([5, '']);
      expect(unknown.stderr).toContain('There is no event 9999');
    }));

  it('says what it cannot do', () =>
    withFolder(async (desk) => {
      const backwards = await desk.run(['cloud', 'replay', '--dir', 'srv', '--from', '5', '--to', '3']);
      expect(backwards.stderr).toContain('--from is event 5, which comes after event 3 of --to.');
      const speed = await desk.run(['cloud', 'replay', '--dir', 'srv', '--speed', 'warp']);
      expect(speed.stderr).toContain('--speed takes a number above 0, max or step, not "warp".');
    }));
});

describe('replay at a terminal', () => {
  const lack = terminalLack();
  const seen = (argv: readonly string[], work: (terminal: PseudoTerminal) => Promise<void>) => () =>
    withFolder(async (desk) => {
      const terminal = new PseudoTerminal(desk.folder, ['cloud', 'replay', '--dir', 'srv', ...argv]);
      try {
        await work(terminal);
      } finally {
        terminal.kill();
      }
    });

  itNeeding(
    lack,
    'steps forward and back, plays to the end, and gives the terminal back',
    60_000,
    seen(['--speed', 'step'], async (terminal) => {
      expect(await terminal.shows('Before the first event of 32')).toContain('\u001b[?1049h\u001b[?25l');
      terminal.press('\u001b[C');
      await terminal.shows('Event 1 of 32');
      terminal.press('\u001b[C');
      await terminal.shows('Event 2 of 32');
      terminal.press('\u001b[D');
      await terminal.shows('Event 1 of 32');
      terminal.press('++++++ ');
      await terminal.shows('Event 32 of 32');
      await terminal.shows('■ end');
      terminal.press('q');
      await terminal.shows('\u001b[?25h\u001b[?1049l');
      await terminal.shows('Stopped after event 32 of 32 events.');
      await terminal.shows('exit 0');
      await terminal.shows('restored');
      await terminal.ended();
    }),
  );

  itNeeding(lack, 'gives the terminal back when the server goes away in the middle', 60_000, () =>
    Desk.useWith(
      {
        'GET /management/api/past/moment': { body: { seq: 32, head: 32 } },
        'GET /management/api/history': {
          raw: (reply) => {
            const lines = story.events.slice(0, 2).map((event) => `${JSON.stringify(event)}\n`);
            reply.write(lines.join(''), () => reply.destroy());
          },
        },
      },
      async (desk) => {
        const terminal = new PseudoTerminal(desk.folder, ['cloud', 'replay', '--speed', 'max']);
        try {
          await terminal.shows('\u001b[?1049h');
          await terminal.shows('\u001b[?25h\u001b[?1049l');
          await terminal.shows('The connection to the server broke');
          await terminal.shows('exit 2');
          await terminal.shows('restored');
          await terminal.ended();
        } finally {
          terminal.kill();
        }
      },
    ),
  );

  itNeeding(
    lack,
    'gives the terminal back after Ctrl-C',
    60_000,
    seen(['--speed', '0.001'], async (terminal) => {
      await terminal.shows('▶ 0.001×');
      terminal.press('\u0003');
      await terminal.shows('\u001b[?25h\u001b[?1049l');
      await terminal.shows('exit 130');
      await terminal.shows('restored');
      await terminal.ended();
    }),
  );
});
