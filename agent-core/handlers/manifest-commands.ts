import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The steps of a container's life; in `commands` they are such a step unless the manifest has it as a field. */
const lifecycle = ['install', 'update', 'run'] as const;

/**
 * Command lines of the manifest's `commands`, by command. A manifest that is absent or cannot be read has none: it was
 * validated before the container was started, and whoever starts AgentCore by hand may have no manifest.
 */
export function manifestCommands(agentDir: string): Map<string, string> {
  const manifest = readManifest(agentDir);
  const commands = new Map<string, string>();
  if (!isObject(manifest.commands)) return commands;
  for (const [name, value] of Object.entries(manifest.commands)) {
    const step = lifecycle.find((known) => known === name);
    const isStep = step !== undefined && !isText(manifest[step]);
    if (isText(value) && !isStep) commands.set(name, value);
  }
  return commands;
}

function readManifest(agentDir: string): Record<string, unknown> {
  try {
    const text = readFileSync(join(agentDir, 'manifest.json'), 'utf8');
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
