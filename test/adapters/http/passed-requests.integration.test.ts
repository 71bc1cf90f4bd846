import { describe, expect, it } from 'vitest';
import { until, webServiceGround } from './web-service-ground.ts';

const { gateway, service, serving } = webServiceGround();

describe('what was passed on', () => {
  it('is counted by service, for the metrics answer and for Prometheus', async () => {
    const { server } = await serving('/app', {
      handle: (request, response) => {
        request.resume();
        request.on('end', () => response.writeHead(request.url === '/no' ? 404 : 200).end('12345'));
      },
    });
    await (await server.fetch('/app/yes', { method: 'POST', body: 'abc' })).text();
    await (await server.fetch('/app/no')).text();
    const { services } = (await (await server.admin('/management/api/metrics')).json()) as { services: object };
    expect(services).toMatchObject({
      'localhost/app': {
        requests: 2,
        statusClasses: { '2xx': 1, '4xx': 1 },
        cut: 0,
        requestBytes: 3,
        responseBytes: 10,
      },
    });
    const text = await (await server.admin('/metrics')).text();
    expect(text).toContain('ploinky_service_requests_total{deployment="localhost/app",class="4xx"} 1');
    expect(text).toContain('ploinky_service_response_bytes_total{deployment="localhost/app"} 10');
  });

  it('counts a service that is not there by what its clients got', async () => {
    const { server, app } = await serving('/app');
    app.close();
    app.closeAllConnections();
    await server.fetch('/app');
    const { services } = (await (await server.admin('/management/api/metrics')).json()) as { services: object };
    expect(services).toMatchObject({ 'localhost/app': { requests: 1, statusClasses: { '5xx': 1 } } });
  });

  it('becomes events where the manifest asks for it, with the secrets of its address masked', async () => {
    const { port } = await service();
    const server = await gateway();
    const manifest = { web: { port: 3000, prefix: 'strip' as const }, audit: 'requests' as const };
    await server.deploy('/app', 'localhost', { port, manifest });
    const answer = await server.fetch('/app/x?token=abc&page=2', { headers: { 'x-api-key': server.apiKey } });
    const { length } = await answer.text();
    const passed = await until(() => server.cloud.events.find(({ type }) => type === 'request.passed'));
    expect(passed).toMatchObject({
      stream: 'request:localhost/app',
      actor: expect.stringMatching(/^admin:k_/),
      data: {
        deployment: 'localhost/app',
        release: 1,
        method: 'GET',
        path: '/app/x?token=***&page=2',
        status: 200,
        requestBytes: 0,
        responseBytes: length,
      },
    });
  });

  it('is answered all the same where the log takes no more, which the server says', async () => {
    const { port } = await service();
    const server = await gateway();
    const manifest = { web: { port: 3000, prefix: 'strip' as const }, audit: 'requests' as const };
    await server.deploy('/app', 'localhost', { port, manifest });
    server.cloud.fullDisk = true;
    expect((await server.fetch('/app')).status).toBe(200);
    await until(() => server.log.find((line) => line.includes('requests that should be in the log are not')));
    expect(server.cloud.events.some(({ type }) => type === 'request.passed')).toBe(false);
  });
});
