import { surroundings } from '../ground/current.ts';
import { type Conversation, type Given, quick, quickChange, slow } from './conversation.ts';
import { type Container, type Daemon, refusal } from './daemon.ts';
import { execApi } from './exec-api.ts';
import { type LogsGiven, logsOf } from './output.ts';
import { fits, inspected, listed, networkOf } from './shown.ts';

export interface CreateRequest {
  readonly _query: { readonly name: string };
  readonly _body: Readonly<Record<string, unknown>>;
  readonly abortSignal?: AbortSignal;
}

export function listContainers(conversation: Conversation, given: Given & { filters?: { label?: string[] } }) {
  return conversation.ask('list', quick, given, () =>
    [...conversation.daemon.containers.values()]
      .filter(({ labels }) => fits(labels, given.filters?.label))
      .map((container) => listed(container)),
  );
}

export async function createContainer(
  conversation: Conversation,
  { _query: { name }, _body, abortSignal }: CreateRequest,
): Promise<{ id: string }> {
  const { daemon } = conversation;
  const id = await conversation.ask(`create ${name}`, slow, abortSignal ? { abortSignal } : {}, () => {
    const image = daemon.images.find(String(_body.Image));
    if (!image) throw refusal(404, `No such image: ${_body.Image}`);
    return daemon.create(name, _body, image.id, false).id;
  });
  return { id };
}

/** Everything that is asked of one container. */
export function containerApi(conversation: Conversation, nameOrId: string) {
  const { daemon } = conversation;
  const of = () => daemon.need(nameOrId);
  const short = nameOrId.slice(0, 8);
  return {
    inspect: (given: Given = {}) => conversation.ask('inspect', quick, given, () => inspected(of())),
    stats: (given: Given = {}) => conversation.ask('stats', quick, given, () => statsOf(of())),
    start: (given: Given = {}) => conversation.ask(`start ${short}`, slow, given, () => start(daemon, of())),
    kill: (given: Given & { signal?: string } = {}) =>
      conversation.ask(`${given.signal} ${short}`, quickChange, given, () => kill(daemon, of(), given.signal)),
    stop: (given: Given = {}) =>
      conversation.ask(`stop ${short}`, slow, given, () => {
        const container = of();
        daemon.touch(container, 'stop');
        daemon.end(container, 143);
      }),
    pause: (given: Given = {}) => conversation.ask('pause', slow, given, () => pause(daemon, of(), true)),
    unpause: (given: Given = {}) => conversation.ask('unpause', slow, given, () => pause(daemon, of(), false)),
    remove: (given: Given & { force?: boolean } = {}) =>
      conversation.ask(`remove ${short}`, slow, given, () => {
        const container = of();
        daemon.touch(container, 'go');
        if (container.state === 'running' && !given.force) throw refusal(409, 'stop it first');
        container.asked = true;
        daemon.remove(container);
      }),
    exec: (given: Given = {}) => execApi(conversation, nameOrId, given),
    wait: (given: Given & { condition?: string } = {}) => wait(conversation, nameOrId, given),
    logs: async (given: LogsGiven = {}) => {
      const stream = await logsOf(conversation, nameOrId, given);
      if (given.follow) return stream;
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

function start(daemon: Daemon, container: Container): void {
  daemon.touch(container, 'start');
  for (const { type, source } of container.mounts) {
    if (type === 'bind' && !surroundings().disk.find(source))
      throw refusal(400, `bind source path does not exist: ${source}`);
  }
  const network = networkOf(container);
  if (network !== 'none' && network !== 'bridge' && !daemon.networks.has(network))
    throw refusal(404, `network ${network} not found`);
  daemon.start(container);
}

function kill(daemon: Daemon, container: Container, signal: string | undefined): void {
  daemon.touch(container, `take ${signal}`);
  if (container.state === 'paused' && signal !== 'SIGKILL') return;
  if (container.state !== 'running' && container.state !== 'paused')
    throw refusal(409, `container ${container.id} is not running`);
  container.asked = true;
  if (signal === 'SIGKILL') daemon.end(container, 137);
  else container.program?.terminate();
}

function pause(daemon: Daemon, container: Container, pause: boolean): void {
  daemon.touch(container, pause ? 'pause' : 'unpause');
  if (pause && container.state === 'running') container.state = 'paused';
  else if (!pause && container.state === 'paused') container.state = 'running';
  else throw refusal(409, 'it is in no such state');
  daemon.announce(pause ? 'pause' : 'unpause', container);
}

function wait(
  conversation: Conversation,
  nameOrId: string,
  given: Given & { condition?: string },
): Promise<{ StatusCode: number }> {
  const { ground } = surroundings();
  return conversation
    .ask('wait', quick, given, () => {
      const container = conversation.daemon.need(nameOrId);
      const told = given.condition === 'removed' ? container.atRemoval : container.atEnd;
      const over = given.condition !== 'removed' && (container.state === 'exited' || container.state === 'created');
      return { container, told, over };
    })
    .then(({ container, told, over }) => {
      if (over) return { StatusCode: container.exitCode };
      return conversation.gated(given, (answer) => {
        told.add(() =>
          ground.time.after(ground.random.between(0.5, 10), () => answer({ StatusCode: container.exitCode })),
        );
      });
    });
}

function statsOf({ state }: Container) {
  if (state !== 'running') throw refusal(409, 'it does not run');
  return { cpu_stats: { cpu_usage: { total_usage: 1_000_000 } }, memory_stats: { usage: 1_000_000 } };
}
