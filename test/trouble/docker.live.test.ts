import { describeLive } from '../engines/live-engine.ts';
import { engineTroubleSuite } from './engine-trouble.ts';

describeLive('docker', 'Trouble', (socketPath) => engineTroubleSuite('docker', socketPath));
