import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { inspect } from 'node:util';

/**
 * Connects to an engine anew for each request: an idle connection that the engine has closed meanwhile would fail the next call.
 *
 * To `util.inspect` it is a name and nothing else. docker-modem makes a text of each request's options in full depth and with
 * hidden properties, whether or not anybody reads it, and through an ordinary agent that walks over every open connection and
 * all that hangs on it: with a few containers' outputs followed, 20 to 40 ms for each request in which nothing else runs.
 */
export function engineAgent(secure: boolean): Agent {
  const agent = secure ? new SecureAgent() : new Agent();
  return Object.assign(agent, { [inspect.custom]: () => 'engineAgent' });
}
