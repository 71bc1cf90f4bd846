/** The call that everybody is asked: one short argument, one short answer. */
export const command = 'hello';
export const params = ['World'] as const;
export const greeting = 'Hello, World!';

/** As this project's gateway takes it, the command being in the address. */
export const gatewayBody = JSON.stringify({ params });
/** As AgentCore takes it. */
export const taskBody = JSON.stringify({ command, params });
