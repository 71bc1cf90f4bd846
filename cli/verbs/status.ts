import type { Invocation } from '../command-spec.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import { shortMessage } from '../history/message-lines.ts';
import { shortText } from '../history/short-value.ts';
import { uptime } from '../terminal/duration.ts';
import { table } from '../terminal/table.ts';
import { dim, joinText, type Piece, red, t, yellow } from '../terminal/text.ts';

interface Overview {
  readonly totalRequests?: number;
  readonly passedRequests?: number;
  readonly activeAgents?: number | null;
  readonly downAgents?: number | null;
  readonly totalDeployments?: number | null;
  readonly errorRate?: string;
  readonly unauthorizedRequests?: number;
  readonly uptime?: number;
  readonly crashLoops?: readonly { readonly deployment: string; readonly reason: string }[] | null;
  readonly down?:
    | readonly { readonly deployment: string; readonly state: string; readonly reason: string | null }[]
    | null;
  readonly enginesAway?:
    | readonly { readonly engine: string; readonly since: string; readonly message: string | null }[]
    | null;
  readonly failedReleases?:
    | readonly {
        readonly deployment: string;
        readonly release: number;
        readonly serving: number | null;
        readonly code: string;
        readonly message: string;
      }[]
    | null;
  readonly pins?: readonly { readonly deployment: string; readonly target: number; readonly since: string }[] | null;
  readonly openNetworks?: readonly string[] | null;
  readonly workers?: readonly { readonly restarts: number; readonly serving: boolean }[];
  readonly fork?: { readonly seq: number } | null;
  readonly stopped?: readonly { readonly message: string }[];
}

/** `cloud status` */
export async function status({ session }: Invocation): Promise<void> {
  const connection = await session.connection();
  const api = session.apiFor(connection);
  let overview: Overview | null = null;
  try {
    overview = await api.manage<Overview>('GET', 'overview');
  } catch (error) {
    // Without a login there is still something to tell; NOT_INITIALIZED and the like are told as errors.
    if (!(error instanceof RemoteProblem) || error.status !== 401) throw error;
  }
  const userId = overview === null ? null : (connection.userId ?? 'admin');
  const rows: Piece[][] = [
    ['Connected to:', connection.serverUrl],
    ['Logged in as:', userId ?? 'Not logged in'],
    ...counters(overview),
    ...(overview?.enginesAway ?? []).map((one): Piece[] => ['Engine away:', red(awayText(one))]),
    ...downBesides(overview),
    ...(overview?.crashLoops ?? []).flatMap((one) => [
      ['Crash loop:', red(`${one.deployment} ${lapOf(one.reason)}`)],
      whyRow(one.deployment),
    ]),
    ...(overview?.failedReleases ?? []).flatMap((one) => [
      ['Failed:', red(failedText(one))],
      whyRow(`${one.deployment}#${one.release}`),
    ]),
    ...(overview?.pins ?? []).map((one): Piece[] => ['Pinned:', yellow(pinText(one))]),
    ...(overview?.openNetworks ?? []).map((one): Piece[] => [
      'Metadata open:',
      red(`${one} reaches 169.254.0.0/16 of this machine`),
    ]),
    ...workers(overview),
    ...(overview?.fork ? [['Fork:', `of another log, at event ${overview.fork.seq}; it acts on nothing`]] : []),
    ...(overview?.stopped ?? []).map(({ message }): Piece[] => ['Stopped:', message]),
  ];
  const text = await table(rows, { indent: '' });
  session.out.result({ serverUrl: connection.serverUrl, userId, overview }, () =>
    overview === null ? joinText([text, t`  → p-cli cloud login <API_KEY>`]) : text,
  );
}

function failedText(one: NonNullable<Overview['failedReleases']>[number]): string {
  const { deployment, release, serving, code, message } = one;
  const what = `${deployment} release ${release}${serving === null ? '' : `, release ${serving} serves on`}`;
  return `${what}: ${code}: ${shortMessage(message, 120)}`;
}

function pinText({ deployment, target, since }: NonNullable<Overview['pins']>[number]): string {
  return `${deployment} to release ${target} since ${dateText(since)}: pushes do nothing until the next deploy`;
}

function dateText(since: string): string {
  return since.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}

function awayText({ engine, since, message }: NonNullable<Overview['enginesAway']>[number]): string {
  return `${engine} since ${dateText(since)}${message === null ? '' : `, it said: ${shortText(message, 120)}`}`;
}

/** Those in a crash loop have a line of their own. */
function downBesides(overview: Overview | null): Piece[][] {
  const loops = new Set(overview?.crashLoops?.map(({ deployment }) => deployment));
  const others = (overview?.down ?? []).filter(({ deployment }) => !loops.has(deployment));
  return others.flatMap(({ deployment, state, reason }) => [
    ['Not up:', red(`${deployment} is ${state}${reason === null ? '' : `: ${shortText(reason, 160)}`}`)],
    whyRow(deployment),
  ]);
}

/** Below a trouble: what to type to know more. */
function whyRow(what: string): Piece[] {
  return ['', dim(`→ p-cli cloud why ${what}`)];
}

/** Without the words that stand before it. */
function lapOf(reason: string): string {
  return shortText(reason.replace(/^crash loop: /, ''), 120);
}

/** Nothing where the server takes requests itself. */
function workers(overview: Overview | null): Piece[][] {
  const all = overview?.workers ?? [];
  if (all.length === 0) return [];
  const serving = all.filter((worker) => worker.serving).length;
  const restarts = all.reduce((sum, worker) => sum + worker.restarts, 0);
  return [['Workers:', `${serving} of ${all.length} serve${restarts === 0 ? '' : `, ${restarts} replaced`}`]];
}

function counters(overview: Overview | null): Piece[][] {
  if (overview === null) return [];
  const { totalRequests, passedRequests, activeAgents, downAgents, totalDeployments, errorRate, unauthorizedRequests } =
    overview;
  const rows: (readonly [string, string | number | null | undefined])[] = [
    ['Total requests:', totalRequests],
    ['To web services:', passedRequests || null],
    ['Active agents:', activeAgents],
    // Only where there is something to look at.
    ['Down:', downAgents || null],
    ['Deployments:', totalDeployments],
    ['Error rate:', errorRate],
    ['Unauthorized:', unauthorizedRequests],
    ['Uptime:', overview.uptime === undefined ? undefined : uptime(overview.uptime)],
  ];
  return rows.filter((row): row is [string, string | number] => row[1] != null).map((row) => [...row]);
}
