import { describeLive } from '../engines/live-engine.ts';
import { engineTroubleSuite } from './engine-trouble.ts';

describeLive('podman', 'Trouble', (socketPath) => engineTroubleSuite('podman', socketPath));
