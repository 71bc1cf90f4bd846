import type { ProgressLine } from '../../adapters/pipeline/release-progress.ts';
import type { Api } from '../connection/api.ts';
import type { Output } from '../terminal/output.ts';
import type { Progress } from '../terminal/progress.ts';
import { dim } from '../terminal/text.ts';

/** Of a layer that is on its way; a file of lines has no use for that. */
const ofLayer = /: (?:Pulling fs layer|Waiting|Downloading|Verifying Checksum|Download complete|Extracting)$/;

/** For lines that were said before an event and come after it. */
const lastLinesMs = 2_000;

/**
 * Shows what the stages of a release say while they run. Best effort: where the stream breaks the stages are still told,
 * and the log of the install step is kept.
 */
export function showProgress(
  out: Output,
  progress: Progress,
  api: Api,
  { deployment, release }: { readonly deployment: string; readonly release: number },
): { readonly ended: () => Promise<void>; readonly stop: () => void } {
  let stopped = false;
  const read = async () => {
    const query = { deployment, release };
    for await (const value of api.jsonLines('/management/api/deployments/progress', { query })) {
      if (stopped) return;
      show(out, progress, value as ProgressLine);
    }
  };
  const reading = read().catch(() => {});
  return {
    ended: async () => {
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, lastLinesMs);
      });
      await Promise.race([reading, enough]);
      clearTimeout(timer);
    },
    stop: () => {
      stopped = true;
    },
  };
}

function show(out: Output, progress: Progress, { stage, line }: ProgressLine): void {
  if (out.json) out.progress({ progress: { stage, line } });
  else if (stage === 'image' && out.live) progress.at(line);
  else if (stage === 'install' || !ofLayer.test(line)) progress.note(dim(line));
}
