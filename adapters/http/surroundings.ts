import type { Logger } from 'pino';
import type { DeniedAccess } from './auth/denied-access.ts';
import type { LoginLimiter } from './auth/login-limiter.ts';
import type { CloudPort } from './cloud-port.ts';
import type { Limits } from './limits.ts';
import type { AuditTrail } from './traffic/audit-trail.ts';
import type { CallMeters } from './traffic/call-meters.ts';
import type { ServiceMeters } from './traffic/service-meters.ts';
import type { Traffic } from './traffic/traffic.ts';
import type { Workforce } from './workforce.ts';

/** What the routes share. Made once per server. */
export interface Surroundings {
  readonly cloud: CloudPort;
  readonly logger: Logger;
  readonly limits: Limits;
  readonly limiter: LoginLimiter;
  readonly denied: DeniedAccess;
  readonly traffic: Traffic;
  readonly meters: CallMeters;
  readonly services: ServiceMeters;
  readonly audit: AuditTrail;
  readonly workforce: Workforce;
  /** `<dir>/.ploinky-cloud`. */
  readonly dataFolder: string;
  /** `<data>/logs`: the day files that `logs` shows. */
  readonly logFolder: string;
  /** `<data>/agents/static`. */
  readonly staticFolder: string;
  /** By the name after `/client/`: absolute path. */
  readonly clientFiles: Readonly<Record<string, string>>;
  /** The OpenAPI document as JSON text. */
  readonly openApi: () => Promise<string>;
  /** Aborts when the server begins to close: streams end, waiting requests are answered. */
  readonly closing: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
