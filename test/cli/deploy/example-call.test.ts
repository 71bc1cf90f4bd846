import { describe, expect, it } from 'vitest';
import { exampleCall } from '../../../cli/deploy/example-call.ts';

const calls = (...commands: string[]) => ({ serves: 'calls' as const, commands });

describe('the example call', () => {
  it('can be pasted as it is', () => {
    expect(exampleCall('http://localhost:8000', 'localhost', '/demo', calls('greet', 'bye'))).toEqual({
      address: 'http://localhost:8000/demo',
      curl: `curl -d '{"params":["World"]}' http://localhost:8000/demo/greet`,
      calls: 'http://localhost:8000/demo/<command>',
    });
  });

  it('is what a browser asks where nothing can be called', () => {
    const curl = (serves: 'requests' | 'files', path: string) =>
      exampleCall('http://localhost:8000', 'localhost', path, { serves, commands: ['hello'] }).curl;
    expect(curl('files', '/site')).toBe('curl http://localhost:8000/site/');
    expect(curl('requests', '/')).toBe('curl http://localhost:8000/');
  });

  it('names the host where it is not the server’s', () => {
    expect(exampleCall('http://localhost:8000', 'x.org', '/', calls('hello'))).toEqual({
      address: 'http://x.org:8000/',
      curl: `curl -H 'Host: x.org' -d '{"params":["World"]}' http://localhost:8000/hello`,
      calls: 'http://x.org:8000/<command>',
    });
  });

  it('never puts a name that a shell would obey into the line', () => {
    const { curl } = exampleCall('http://localhost:8000', 'localhost', '/demo', calls('a; rm -rf ~', '$(id)'));
    expect(curl).toBeNull();
  });

  it('is none where no command is declared: nobody knows whether the one that we would guess exists', () => {
    expect(exampleCall('http://localhost:8000', 'localhost', '/demo', calls())).toEqual({
      address: 'http://localhost:8000/demo',
      curl: null,
      calls: 'http://localhost:8000/demo/<command>',
    });
  });
});
