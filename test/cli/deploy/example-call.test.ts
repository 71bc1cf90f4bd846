import { describe, expect, it } from 'vitest';
import { exampleCall } from '../../../cli/deploy/example-call.ts';

describe('the example call', () => {
  it('can be pasted as it is', () => {
    expect(exampleCall('http://localhost:8000', 'localhost', '/demo', ['hello', 'bye'])).toEqual({
      address: 'http://localhost:8000/demo',
      curl: `curl -d '{"params":["World"]}' http://localhost:8000/demo/hello`,
    });
  });

  it('names the host where it is not the server’s', () => {
    expect(exampleCall('http://localhost:8000', 'x.org', '/', ['hello'])).toEqual({
      address: 'http://x.org:8000/',
      curl: `curl -H 'Host: x.org' -d '{"params":["World"]}' http://localhost:8000/hello`,
    });
  });

  it('never puts a name that a shell would obey into the line', () => {
    const { curl } = exampleCall('http://localhost:8000', 'localhost', '/demo', ['a; rm -rf ~', '$(id)']);
    expect(curl).toBe(`curl -d '{"params":["World"]}' http://localhost:8000/demo/hello`);
  });
});
