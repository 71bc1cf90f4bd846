import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { importBaseImages, nodeImage } from './base-images.ts';
import { startDocker } from './start-docker.ts';

// Runs a program with a Docker of its own: `node dist/test/engines/with-docker.js program.js [arguments]`.

const docker = await startDocker();
if ('unavailable' in docker) {
  process.stderr.write(`There is no Docker here, and none can be started: ${docker.unavailable}\n`);
  process.exitCode = 1;
} else {
  try {
    await importBaseImages([docker.socketPath]);
    const child = spawn(process.execPath, process.argv.slice(2), {
      stdio: 'inherit',
      env: { ...process.env, DOCKER_HOST: `unix://${docker.socketPath}`, PLOINKY_BENCH_IMAGE: nodeImage },
    });
    const [code] = await once(child, 'exit');
    process.exitCode = (code as number | null) ?? 1;
  } finally {
    await docker.stop();
  }
}
