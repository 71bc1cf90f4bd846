import { type AgentFiles, makeAgentRepository } from '../agent-repository.ts';

const plain = "module.exports = { hello: (name) => 'Hello, ' + name + '!' };\n";

/** Writes into its own layer until the engine's disk is full, and takes what becomes free, until it is told to stop. */
const filler = `
const { closeSync, openSync, rmSync, writeSync } = require('node:fs');
const [place, piece] = ['/tmp/filling', Buffer.alloc(1 << 20, 1)];
let file, timer;
function fill() {
  try {
    for (let bytes = piece.length; ; ) bytes = Math.min(piece.length, writeSync(file, piece, 0, bytes) || 512);
  } catch (error) {
    return error.code;
  }
}
module.exports = {
  fill() {
    file = openSync(place, 'a');
    timer = setInterval(fill, 5);
    return fill();
  },
  free() {
    clearInterval(timer);
    closeSync(file);
    rmSync(place);
  },
};
`;

const agents: Readonly<Record<string, AgentFiles>> = {
  plain: { 'manifest.json': '{"network":"none"}', 'index.js': plain },
  filler: { 'manifest.json': '{"network":"none"}', 'index.js': filler },
};

/** A Git repository with an agent that fills the disk and one that needs a little of it. */
export function makeFilling(folder: string): string {
  return makeAgentRepository(folder, agents);
}
