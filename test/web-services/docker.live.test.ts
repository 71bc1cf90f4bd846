import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { webServiceSuite } from './web-service-suite.ts';

describeLive('docker', 'A web service', (socketPath) => webServiceSuite('docker', nodeImage, socketPath));
