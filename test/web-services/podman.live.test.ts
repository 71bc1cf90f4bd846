import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { webServiceSuite } from './web-service-suite.ts';

describeLive('podman', 'A web service', (socketPath) => webServiceSuite('podman', nodeImage, socketPath));
