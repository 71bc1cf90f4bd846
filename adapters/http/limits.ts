/** Bounds on what one client can make the server hold. Times in milliseconds, sizes in bytes. */
export interface Limits {
  readonly bodyLimitBytes: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** A connection without a request is kept this long. */
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  /** How long `close` waits for answers under way before it cuts connections. */
  readonly closeGraceMs: number;
}

export const defaultLimits: Limits = {
  bodyLimitBytes: 1_048_576,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16_384,
  maxConnections: 10_000,
  closeGraceMs: 5_000,
};
